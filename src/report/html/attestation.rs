//! The attestation block: empty fields, to be filled in by people.

use std::io;

use super::View;
use super::page::Page;

/// What people write in.
const FIELDS: [&str; 4] = ["Name", "Role", "Date", "Signature"];

pub(super) fn write(_: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("attestation", "Attestation")?;
    page.paragraph(
        "To be signed by people. Until then nobody vouches for this page; the same report as JSON carries the \
        same rows for whoever wants to check it.",
    )?;
    page.raw(
        "<table class=\"sign\"><caption>Prepared and reviewed by</caption><thead><tr><td></td>\
        <th scope=\"col\">Prepared by</th><th scope=\"col\">Reviewed by</th></tr></thead><tbody>\n",
    )?;
    for field in FIELDS {
        page.put("<tr><th scope=\"row\">{}</th><td></td><td></td></tr>\n", [&field])?;
    }
    page.raw("</tbody></table>\n")?;
    page.end_section()
}
