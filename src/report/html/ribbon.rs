//! The graph as a drawing in SVG: classes carry the colors, and every name is there in full as a title.

use maud::Markup;
use maud::html;

use super::count;
use super::layout::Drawing;
use super::layout::LINE;
use super::layout::Placed;
use super::layout::Ribbon;
use super::page;
use crate::report::document::Mark;

/// What the drawing shows, for those who do not see it.
const DESCRIPTION: &str = "Boxes in columns: origins, roles, accounts and services. Ribbons lead from each origin through \
    its roles to the account of the last role and to the services called. The table below says the same in text.";

/// The drawing with its caption.
pub(super) fn figure(drawing: &Drawing, caption: &str) -> Markup {
    let (width, height) = (drawing.width, drawing.height);
    let svg = html! {
        svg.graph role="group" aria-labelledby="graph-title graph-desc" viewBox={ "0 0 " (width) " " (height) }
            width=(width) height=(height) font-family="monospace" font-size="11.5" {
            title #graph-title { (caption) }
            desc #graph-desc { (DESCRIPTION) }
            @for (x, head) in &drawing.heads { text.head x=(x) y="16" { (head) } }
            // What is flagged is drawn last, and so lies on top.
            @for grade in [Mark::Plain, Mark::Notice, Mark::Alarm] {
                @for ribbon in drawing.ribbons.iter().filter(|ribbon| ribbon.edge.grade == grade) { (self::ribbon(ribbon)) }
            }
            @for placed in &drawing.boxes { (page::link(placed.node.finding.as_deref(), &self::placed(placed))) }
        }
    };
    html! {
        figure.wide {
            figcaption { (caption) "." }
            p.legend {
                span.swatch.alarm {} " ▲ critical or high finding " span.swatch.notice {} " △ medium or low "
                span.swatch.plain {} " none. A marked ribbon has a finding about this step, a marked box one about the role. \
                Select a box for its worst finding. The width grows with each doubling of the runs."
            }
            (page::scroll("Drawing of the routes", &svg))
        }
        p.narrow { "The drawing of the routes needs a wider screen; the table says the same." }
    }
}

fn ribbon(ribbon: &Ribbon) -> Markup {
    let ((x0, y0), (x1, y1)) = (ribbon.from, ribbon.to);
    let middle = i64::midpoint(x0, x1);
    let (color, words) = ribbon.edge.grade.color_and_words();
    let on = ribbon.through.map(|end| format!("H{end}")).unwrap_or_default();
    let runs = match ribbon.edge.runs {
        0 => "used directly".to_owned(),
        runs => count(runs, "run"),
    };
    html! {
        path class=(ribbon.edge.grade.class()) fill="none" stroke=(color) stroke-opacity=".5"
            stroke-width=(ribbon.thickness) d={
                "M" (x0) " " (y0) "C" (middle) " " (y0) " " (middle) " " (y1) " " (x1) " " (y1) (on)
            } {
            title { (ribbon.edge.title) ": " (runs) ", " (words) }
        }
    }
}

fn placed(placed: &Placed) -> Markup {
    let Placed { node, x, y, width, height } = placed;
    let (color, words) = node.grade.color_and_words();
    let lines = i64::try_from(node.lines.len()).unwrap_or(1);
    let first = y + (height - lines * LINE) / 2 + 11;
    html! {
        g class=(node.grade.class()) {
            title { (node.title) ", " (words) }
            rect fill="#fff" stroke=(color) x=(x) y=(y) width=(width) height=(height) rx="5" {}
            @for ((text, is_sub), nth) in node.lines.iter().zip(0i64..) {
                @let small = is_sub.then_some("10");
                text class=[small.map(|_| "sub")] font-family=[small.map(|_| "sans-serif")] font-size=[small] x=(x + 9)
                    y=(first + nth * LINE) { (text) }
            }
            @if node.grade > Mark::Plain {
                text.mark x=(x + width - 16) y=(y + 15) { (node.grade.sign().trim_end()) }
            }
        }
    }
}
