//! `GET /flights/{id}`: what was asked, what came back, what it means, what to do.

use super::{
    app::App,
    doctor,
    machine::Flight,
    machine_page,
    problem::{Page, Problem},
    refresh_page, shown_page,
    visit::Visit,
};
use crate::reason;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Shows a flight to its own browser. Its status is the refusal's, so that scripts see it too.
pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    let shown = app.flights.find(&id, &visit.owners());
    let shown =
        shown.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_FLIGHT))?;
    let told = match &*shown {
        Flight::Gateway(shown) => shown_page::tell(&app, &visit, shown),
        Flight::NoToken(call) => machine_page::tell(&app, &visit, call),
        Flight::Refresh(refresh) => refresh_page::tell(&app, &visit, refresh),
        Flight::Examination(findings) => {
            let page = doctor::tell(&visit, findings);
            return Ok(Page(StatusCode::OK, page).into_response());
        }
    };
    let mut response = Page(told.status, told.page).into_response();
    if let Some(value) = told
        .retry_after
        .and_then(|value| HeaderValue::from_str(&value).ok())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    Ok(response)
}
