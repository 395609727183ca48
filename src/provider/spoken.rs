//! Subjects as people say them.

use super::{Context, Subject, SubjectForm};

/// Says a subject that names its place by names: `acme/orders branch main step deploy`. `None` for what has ids or a template
/// of its owner's choice: the text says more than these words.
pub(super) fn of_names(subject: &Subject) -> Option<String> {
    let place = subject.borne().or_else(|| subject.borne_owner());
    (subject.form == SubjectForm::Mutable).then(|| said(place, subject)).flatten()
}

/// Says a place, what the token was issued to there, and what else the subject states.
pub(super) fn said(place: Option<&str>, subject: &Subject) -> Option<String> {
    let is_workload = matches!(subject.context, Context::ServiceAccount { .. });
    if place.is_none() && !is_workload {
        return None;
    }
    let context = Some(subject.context.to_string()).filter(|_| subject.context != Context::None);
    let stated = subject.extra.iter().map(|(claim, value)| format!("{claim} {value}"));
    let words: Vec<String> = place.map(str::to_owned).into_iter().chain(context).chain(stated).collect();
    Some(words.join(" "))
}
