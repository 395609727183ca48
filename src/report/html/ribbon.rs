//! The graph as a drawing in SVG: classes carry the colors, and every name is there in full as a title.

use std::io;

use super::grade::Grade;
use super::layout::BOX;
use super::layout::Drawing;
use super::layout::Placed;
use super::layout::Ribbon;
use super::page::Page;
use crate::report::names::number;

/// What the drawing shows, for those who do not see it.
const DESCRIPTION: &str = "Boxes in columns: origins, roles, accounts and services. Ribbons lead from each origin through \
    its roles to the account of the last role and to the services called. The table below says the same in text.";

/// Writes the drawing.
pub(super) fn write(drawing: &Drawing, caption: &str, page: &mut Page<'_>) -> io::Result<()> {
    page.put("<figure><figcaption>{}.</figcaption>\n", [&caption])?;
    legend(page)?;
    page.raw("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Drawing of the routes\">\n")?;
    page.put(
        "<svg class=\"graph\" role=\"group\" aria-labelledby=\"graph-title graph-desc\" viewBox=\"0 0 {} {}\" \
         width=\"{}\" height=\"{}\">\n",
        [&drawing.width, &drawing.height, &drawing.width, &drawing.height],
    )?;
    page.put("<title id=\"graph-title\">{}</title>\n<desc id=\"graph-desc\">{}</desc>\n", [&caption, &DESCRIPTION])?;
    for (x, head) in &drawing.heads {
        page.put("<text class=\"head\" x=\"{}\" y=\"16\">{}</text>\n", [x, head])?;
    }
    // What is flagged is drawn last, and so lies on top.
    for grade in [Grade::Plain, Grade::Notice, Grade::Alarm] {
        for ribbon in drawing.ribbons.iter().filter(|ribbon| ribbon.edge.grade == grade) {
            write_ribbon(ribbon, page)?;
        }
    }
    for placed in &drawing.boxes {
        write_box(placed, page)?;
    }
    page.raw("</svg>\n</div></figure>\n")
}

fn legend(page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<p class=\"legend\"><span class=\"swatch alarm\"></span> ▲ critical or high finding \
        <span class=\"swatch notice\"></span> △ medium or low <span class=\"swatch plain\"></span> none. A marked \
        ribbon has a finding about this step, a marked box one about the role. Select a box for its worst finding. The width \
        grows with each doubling of the runs.</p>\n")
}

fn write_ribbon(ribbon: &Ribbon, page: &mut Page<'_>) -> io::Result<()> {
    let ((x0, y0), (x1, y1)) = (ribbon.from, ribbon.to);
    let middle = i64::midpoint(x0, x1);
    page.put(
        "<path class=\"{}\" fill=\"none\" stroke=\"#8090a8\" stroke-opacity=\".5\" stroke-width=\"{}\" d=\"M{} {}C{} {} {} {} {} {}",
        [&ribbon.edge.grade.class(), &ribbon.thickness, &x0, &y0, &middle, &y0, &middle, &y1, &x1, &y1],
    )?;
    if ribbon.goes_on {
        page.put("H{}", [&(x1 + BOX)])?;
    }
    let runs = match ribbon.edge.runs {
        0 => "used directly".to_owned(),
        runs => crate::report::html::count(runs, "run"),
    };
    page.put("\"><title>{}: {}, {}</title></path>\n", [&ribbon.edge.title, &runs, &ribbon.edge.grade.words()])
}

fn write_box(placed: &Placed, page: &mut Page<'_>) -> io::Result<()> {
    let Placed { node, x, y, height } = placed;
    if let Some(place) = &node.finding {
        page.put("<a href=\"#{}\">", [place])?;
    }
    page.put("<g class=\"{}\"><title>{}, {}</title>", [&node.grade.class(), &node.title, &node.grade.words()])?;
    page.put(
        "<rect fill=\"#fff\" stroke=\"#8090a8\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\"/>",
        [x, y, &BOX, height],
    )?;
    let middle = y + height / 2;
    let first = if node.sub.is_empty() { middle + 4 } else { middle - 2 };
    page.put("<text x=\"{}\" y=\"{}\">{}</text>", [&(x + 9), &first, &node.label])?;
    if !node.sub.is_empty() {
        page.put("<text class=\"sub\" x=\"{}\" y=\"{}\">{}</text>", [&(x + 9), &(middle + 12), &node.sub])?;
    }
    if node.grade > Grade::Plain {
        page.put(
            "<text class=\"mark\" x=\"{}\" y=\"{}\">{}</text>",
            [&(x + BOX - 16), &(y + 15), &node.grade.mark().trim_end()],
        )?;
    }
    page.raw(if node.finding.is_some() { "</g></a>\n" } else { "</g>\n" })
}

/// Writes a number of an axis.
pub(super) fn label(page: &mut Page<'_>, x: i64, y: i64, value: u64) -> io::Result<()> {
    page.put("<text class=\"sub\" x=\"{}\" y=\"{}\">{}</text>\n", [&x, &y, &number(value)])
}
