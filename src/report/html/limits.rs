//! What no CloudTrail log can show.

use std::io;

use super::View;
use super::page::Page;
use crate::report::limits;

pub(super) fn write(_: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.section("limits", "Limits")?;
    page.paragraph("What CloudTrail does not record, nobody can read out of it:")?;
    page.raw("<ol class=\"limits\">\n")?;
    for limit in limits::ONE_BY_ONE {
        page.put("<li>{}</li>\n", [&limit])?;
    }
    page.raw("</ol>\n")?;
    page.end_section()
}
