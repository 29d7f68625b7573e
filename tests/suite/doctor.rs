//! `doctor` finds what is wrong with a setup, by the right check and with what mends it, and nothing where all is right.

mod around;
mod faults;
mod page;
mod program;
mod real;
mod tls;
mod world;

use solar_system::doctor::{Limits, Patient, SettingsSeen, examine, examine_only};
use solar_system::finding::{Finding, Verdict};
use solar_system::settings::{Command, Settings, Source};
use solar_system::stack::{Known, patient};

use self::world::World;

/// What these settings describe.
fn patient_of(settings: &[(&str, &str)]) -> Patient {
    let source = Source::of(settings.iter().copied());
    let settings =
        Settings::read(Command::Serve, &source).unwrap_or_else(|wrong| panic!("{wrong}"));
    patient(settings, SettingsSeen::default(), &Known::default()).unwrap()
}

/// Every check of a setup.
async fn findings_of(world: &World, over: &[(&str, &str)]) -> Vec<Finding> {
    let mut settings = world.settings();
    settings.retain(|(name, _)| over.iter().all(|(other, _)| other != name));
    settings.extend(
        over.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    examine(patient_of(&settings), Limits::TERMINAL).await
}

/// One check, as `--only` runs it.
async fn only(world: &World, wanted: &str) -> Vec<Finding> {
    let settings = world.settings();
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let wanted = [wanted.to_owned()];
    let examined = examine_only(patient_of(&settings), Limits::TERMINAL, &wanted).await;
    examined.unwrap()
}

fn find<'f>(findings: &'f [Finding], id: &str) -> &'f Finding {
    let found = findings.iter().find(|finding| finding.id == id);
    found.unwrap_or_else(|| panic!("no {id}: {findings:#?}"))
}

/// The ids of what did not pass, each with its verdict.
fn not_passed(findings: &[Finding]) -> Vec<(&str, Verdict)> {
    let others = findings
        .iter()
        .filter(|finding| finding.verdict != Verdict::Pass);
    others
        .map(|finding| (finding.id.as_str(), finding.verdict))
        .collect()
}

#[tokio::test]
async fn where_all_is_right_every_check_passes() {
    let world = World::start(&[]);
    let findings = findings_of(&world, &[]).await;
    assert_eq!(not_passed(&findings), [], "{findings:#?}");
    let asked = world.asked();
    assert!(asked < 60, "{asked} requests are not few");
}

/// Every id stands in the guide, with what it means and what to do, and none that there is not.
#[test]
fn the_guide_lists_every_check_and_no_other() {
    let guide = include_str!("../../docs/doctor.md");
    let rows = guide.lines().filter_map(|line| {
        let id = line.strip_prefix("| `")?.split('`').next()?;
        let cells = line.matches(" | ").count();
        assert_eq!(cells, 2, "a check, what it means, what to do: {line}");
        Some(id)
    });
    let rows: Vec<&str> = rows.collect();
    let checks: Vec<&str> = solar_system::doctor::CHECKS
        .iter()
        .map(|check| check.id)
        .collect();
    assert_eq!(rows, checks);
}

/// A check stands on those before it, and on nothing that there is not.
#[test]
fn checks_stand_on_earlier_ones() {
    let checks = solar_system::doctor::CHECKS;
    for (place, check) in checks.iter().enumerate() {
        for needed in check.needs {
            let before = checks[..place].iter().any(|other| other.id == *needed);
            assert!(before, "{} stands on {needed}", check.id);
        }
    }
}
