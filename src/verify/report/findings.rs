//! What differs, told once for all cells that differ alike.

use crate::{
    finding::{Finding, Verdict},
    verify::matrix::Matrix,
};

/// Cells that differ in the same way.
pub(super) struct Group<'m> {
    pub(super) verdict: Verdict,
    pub(super) reason: &'m str,
    pub(super) fix: Option<&'m str>,
    pub(super) findings: Vec<&'m Finding>,
}

/// All that is not as expected and could be tested, the worst first.
pub(super) fn groups(matrix: &Matrix) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cell in &matrix.cells {
        let finding = &cell.finding;
        if matches!(finding.verdict, Verdict::Pass | Verdict::NotTestable) {
            continue;
        }
        let reason = finding.reason.as_deref().unwrap_or_default();
        let fix = finding.fix.as_deref();
        let same = |group: &&mut Group<'_>| {
            group.verdict == finding.verdict && group.reason == reason && group.fix == fix
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group {
                verdict: finding.verdict,
                reason,
                fix,
                findings: vec![finding],
            }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.verdict));
    groups
}

/// Why what was not tested was not: the reason, and whom it concerns.
pub(super) fn not_tested(matrix: &Matrix) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for cell in &matrix.cells {
        if cell.finding.verdict != Verdict::NotTestable {
            continue;
        }
        let reason = cell.finding.reason.as_deref().unwrap_or_default();
        let who = matrix.rows[cell.row].title.as_str();
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, all)) if all.contains(&who) => {}
            Some((_, all)) => all.push(who),
            None => reasons.push((reason, vec![who])),
        }
    }
    reasons
}
