//! Graphs as GraphViz draws them, in its language DOT.

use std::collections::BTreeSet;

use crate::{Cell, Plot, Sheet};

impl Sheet {
    /// Its first graph in DOT; none without one. Nodes have the id that they link to as `id`, and stand from left to right.
    #[must_use]
    pub fn to_dot(&self) -> Option<String> {
        let graph = self.plots.iter().find_map(|plot| match plot {
            Plot::Graph { title, nodes, edges } => Some((title, nodes, edges)),
            _ => None,
        });
        let (title, nodes, edges) = graph?;
        let mut lines = vec![
            "digraph {".to_owned(),
            format!("  label={};", quoted(title)),
            "  rankdir=LR;".to_owned(),
            "  node [shape=box];".to_owned(),
        ];
        for (n, (name, _, cell)) in nodes.iter().enumerate() {
            let id = match cell {
                Cell::Doc(id) | Cell::Entry(id) | Cell::Person(id) => format!(", id=\"{id}\""),
                _ => String::new(),
            };
            lines.push(format!("  n{n} [label={}{id}];", quoted(name)));
        }
        for (from, to, word) in edges {
            lines.push(format!("  n{from} -> n{to} [label={}];", quoted(word)));
        }
        let layers: BTreeSet<usize> = nodes.iter().map(|(_, layer, _)| *layer).collect();
        for layer in layers {
            let same = nodes.iter().enumerate().filter(|(_, (_, of, _))| *of == layer);
            let same: Vec<String> = same.map(|(n, _)| format!("n{n};")).collect();
            lines.push(format!("  {{ rank=same; {} }}", same.join(" ")));
        }
        lines.push("}\n".to_owned());
        Some(lines.join("\n"))
    }
}

/// A quoted string: in it only the quote and the backslash mean something, and a line break ends nothing.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use althing_protocol::hash::Id;

    use super::*;

    #[test]
    fn what_people_wrote_stays_within_its_quotes() {
        let nodes = vec![
            ("a \"b\" \\ \n]; c".to_owned(), 0, Cell::Doc(Id([1; 32]))),
            ("d".to_owned(), 1, Cell::Empty),
        ];
        let sheet = Sheet::new("x").plot(Plot::Graph {
            title: "What led to what".to_owned(),
            nodes,
            edges: vec![(0, 1, "cites")],
        });
        let dot = sheet.to_dot().unwrap();
        assert!(dot.contains(r#"n0 [label="a \"b\" \\  ]; c", id="0101"#), "{dot}");
        assert!(
            dot.contains("n0 -> n1 [label=\"cites\"];") && dot.contains("{ rank=same; n1; }"),
            "{dot}"
        );
        assert_eq!(Sheet::new("x").to_dot(), None);
    }
}
