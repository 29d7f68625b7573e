//! What the pages show: plain data, ready to print. Handlers fill these, templates print them.
//!
//! Every text is escaped by the template that prints it; the one exception is a drawing, which only
//! [`crate::web::drawing`] makes. Nothing here may hold a token, a code or a secret, but for the demo
//! passwords that a setting puts on the home page.

mod chrome;
mod doctor;
mod flight;
mod home;
mod problem;
mod small;
mod token;

pub use chrome::{Chrome, NextAction, NextStep, ScopeChip, WhyView};
pub use doctor::{CheckRow, DoctorPage, ExaminedView};
pub use flight::{
    AnswerView, FlightPage, MessageView, StepView, TokenStepView, Verdict, VerdictKind,
};
pub use home::{
    Credentials, HomePage, HouseView, MachineResource, MachineView, Notice, NoticeKind, PanelView,
    RefreshView, ResourceView, RoomView, TokensView,
};
pub use problem::{LevelRow, ProblemPage};
pub use small::{AddressPage, ContinuePage, SignedOutPage};
pub use token::{Life, TokenKind, TokenView};

pub use crate::flight::{ClaimRow, claims, how_long, time_in_words};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
