//! The network as a table: output shape and cost of every layer.

use std::fmt::Write;

use metrics::numbers::grouped;
use model::{Plan, PlannedLayer};

/// A table with a row per layer, nested layers indented, and the sums.
#[must_use]
pub fn layer_table(plan: &Plan) -> String {
    let mut rows = vec![Row {
        name: "input".to_owned(),
        output: plan.input().to_string(),
        parameters: String::new(),
        multiply_adds: String::new(),
    }];
    for (index, layer) in plan.layers().iter().enumerate() {
        add_rows(&mut rows, layer, 0, index);
    }
    let headings = ["layer", "output", "parameters", "multiply-adds"];
    let widths = [
        width(&rows, headings[0], |row| &row.name),
        width(&rows, headings[1], |row| &row.output),
        width(&rows, headings[2], |row| &row.parameters),
        width(&rows, headings[3], |row| &row.multiply_adds),
    ];
    let mut text = line(headings, widths);
    for row in &rows {
        text += &line([&row.name, &row.output, &row.parameters, &row.multiply_adds], widths);
    }
    let parameters = grouped(plan.parameters() as u64);
    text + &line(["in all", "", &parameters, &grouped(plan.multiply_adds() as u64)], widths)
}

struct Row {
    name: String,
    output: String,
    parameters: String,
    multiply_adds: String,
}

fn add_rows(rows: &mut Vec<Row>, layer: &PlannedLayer, depth: usize, index: usize) {
    let number = if depth == 0 { format!("{:>2} ", index + 1) } else { "   ".to_owned() };
    let projected = if layer.projection.is_some() { " (projected)" } else { "" };
    let indent = "  ".repeat(depth);
    rows.push(Row {
        name: format!("{number}{indent}{}{projected}", layer.kind),
        output: layer.output.to_string(),
        parameters: count(layer.parameters),
        multiply_adds: count(layer.multiply_adds),
    });
    for (index, nested) in layer.nested.iter().enumerate() {
        add_rows(rows, nested, depth + 1, index);
    }
}

fn width(rows: &[Row], heading: &str, column: impl Fn(&Row) -> &String) -> usize {
    rows.iter().map(|row| column(row).chars().count()).chain([heading.len(), 9]).max().unwrap_or(0)
}

fn line(cells: [&str; 4], widths: [usize; 4]) -> String {
    let mut text = String::new();
    let [name, output, parameters, multiply_adds] = cells;
    let [first, second, third, fourth] = widths;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "  {name:<first$}  {output:>second$}  {parameters:>third$}  {multiply_adds:>fourth$}"
    );
    text
}

fn count(number: usize) -> String {
    if number == 0 { String::new() } else { grouped(number as u64) }
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    #[test]
    fn nested_layers_are_indented_and_sums_stand_last() {
        let layers = serde_json::from_str::<Vec<model::LayerConfig>>(
            r#"[{"type": "residual", "layers": [
                   {"type": "conv", "channels": 2, "kernel": 3, "padding": 1}]},
                {"type": "global_avg_pool"}, {"type": "linear", "features": 2}]"#,
        )
        .unwrap();
        let input = ImageShape { channels: 1, height: 4, width: 4 };
        let table = layer_table(&Plan::new(&layers, input, 2).unwrap());
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 7);
        assert!(lines[2].starts_with("   1 residual (projected)") && lines[2].contains("2×4×4"));
        assert!(lines[3].starts_with("       conv"), "{table}");
        assert!(lines[6].contains("in all") && lines[6].contains("28"), "{table}");
        let widths: Vec<_> = lines.iter().map(|line| line.chars().count()).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
    }
}
