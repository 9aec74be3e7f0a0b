//! A self-contained HTML page: no scripts, no other files, nothing fetched from the network.

use base64::prelude::{BASE64_STANDARD, Engine};
use charts::{Picture, PictureError};
use metrics::numbers::is_number;

const STYLE: &str = include_str!("page/style.css");

/// Why something cannot be put on a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A row whose number of cells is not the number of columns.
    #[error("row {row} of a table has {found} cells: expected {expected}, one for each header")]
    Row {
        /// Index of the row.
        row: usize,
        /// Number of headers.
        expected: usize,
        /// Number of cells.
        found: usize,
    },
    /// A picture that cannot be encoded as PNG.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Rows of cells under headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of `rows`, each with a cell for every one of the `headers`. The first column has the
    /// names of the rows; other columns that hold only numbers are right-aligned.
    ///
    /// # Errors
    /// [`PageError::Row`] for the first row with a different number of cells.
    pub fn new(headers: Vec<String>, rows: Vec<Vec<String>>) -> Result<Self, PageError> {
        let expected = headers.len();
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() != expected {
                return Err(PageError::Row { row, expected, found: cells.len() });
            }
        }
        Ok(Self { headers, rows })
    }

    fn html(&self) -> String {
        let numeric: Vec<bool> = (0..self.headers.len())
            .map(|column| column > 0 && self.rows.iter().all(|row| is_number(&row[column])))
            .collect();
        let row = |element: &str, cells: &[String]| {
            let cells = cells.iter().zip(&numeric).map(|(cell, numeric)| {
                let class = if *numeric { " class=\"number\"" } else { "" };
                format!("<{element}{class}>{}</{element}>", escape(cell))
            });
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        };
        let rows: String = self.rows.iter().map(|cells| row("td", cells)).collect();
        let head = row("th", &self.headers);
        format!(
            "<div class=\"table\" tabindex=\"0\"><table>\n<thead>{head}</thead>\n<tbody>\n\
             {rows}</tbody>\n</table></div>\n"
        )
    }
}

/// A page to which elements are added from top to bottom. All text is plain text: HTML in it is
/// escaped.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    subtitle: String,
    headings: Vec<String>,
    body: String,
}

impl Page {
    /// A page with a title and a line below it.
    #[must_use]
    pub fn new(title: &str, subtitle: &str) -> Self {
        Self {
            title: escape(title),
            subtitle: escape(subtitle),
            headings: Vec::new(),
            body: String::new(),
        }
    }

    /// Adds a heading, to which the table of contents links.
    pub fn heading(&mut self, text: &str) {
        self.headings.push(escape(text));
        let number = self.headings.len();
        self.add(&format!("<h2 id=\"section-{number}\">{}</h2>\n", escape(text)));
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, sentences: &str) {
        self.add(&format!("<p>{}</p>\n", escape(sentences)));
    }

    /// Adds figures in large type, pairs of name and value.
    pub fn key_figures(&mut self, figures: &[(&str, &str)]) {
        self.add("<dl class=\"figures\">\n");
        for (name, value) in figures {
            self.add(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value)));
        }
        self.add("</dl>\n");
    }

    /// Adds a table.
    pub fn table(&mut self, table: &Table) {
        self.add(&table.html());
    }

    /// Adds a picture with a caption and an alternative text for screen readers.
    ///
    /// # Errors
    /// [`PageError::Picture`] if the picture cannot be encoded.
    pub fn picture(
        &mut self,
        picture: &Picture,
        caption: &str,
        alternative: &str,
    ) -> Result<(), PageError> {
        let png = BASE64_STANDARD.encode(picture.png()?);
        self.add(&format!(
            "<figure><div class=\"picture\" tabindex=\"0\"><img src=\"data:image/png;base64,{png}\" width=\"{}\" height=\"{}\" \
             alt=\"{}\"></div><figcaption>{}</figcaption></figure>\n",
            picture.width(),
            picture.height(),
            escape(alternative),
            escape(caption)
        ));
        Ok(())
    }

    /// The page as an HTML file.
    #[must_use]
    pub fn html(&self) -> String {
        let Self { title, subtitle, body, .. } = self;
        let contents = self.contents();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
             <h1>{title}</h1>\n<p class=\"subtitle\">{subtitle}</p>\n{contents}</header>\n\
             <main>\n{body}</main>\n</body>\n</html>\n"
        )
    }

    /// The table of contents, if there is more than one heading.
    fn contents(&self) -> String {
        if self.headings.len() < 2 {
            return String::new();
        }
        let links = self.headings.iter().zip(1..).map(|(heading, number)| {
            format!("<li><a href=\"#section-{number}\">{heading}</a></li>\n")
        });
        format!("<nav aria-label=\"Contents\"><ol>\n{}</ol></nav>\n", links.collect::<String>())
    }

    fn add(&mut self, html: &str) {
        self.body.push_str(html);
    }
}

/// Escapes text for HTML elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use charts::{EpochPoint, learning_curves};

    const ODD: &str = "<b>\"Tom\" & 'Jerry'</b>";
    const ESCAPED: &str = "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;";

    fn picture() -> Picture {
        learning_curves(&[EpochPoint {
            train_loss: 0.1,
            train_accuracy: 0.9,
            validation_loss: None,
            validation_accuracy: None,
            learning_rate: 0.1,
        }])
        .unwrap()
    }

    #[test]
    fn all_text_is_escaped() {
        let mut page = Page::new(ODD, ODD);
        page.heading(ODD);
        page.heading(ODD);
        page.paragraph(ODD);
        page.key_figures(&[(ODD, ODD)]);
        page.table(&Table::new(vec![ODD.to_owned()], vec![vec![ODD.to_owned()]]).unwrap());
        page.picture(&picture(), ODD, ODD).unwrap();
        let html = page.html();
        assert!(!html.contains("<b>") && !html.contains("Tom\""));
        assert_eq!(html.matches(ESCAPED).count(), 14);
    }

    #[test]
    fn page_is_self_contained() {
        let mut page = Page::new("Report", "of a run");
        page.picture(&picture(), "Learning curves.", "Loss falls.").unwrap();
        let html = page.html();
        assert!(html.contains("src=\"data:image/png;base64,iVBOR"));
        for outside in ["http:", "https:", "url(", "<script", "<link", "@import"] {
            assert!(!html.contains(outside), "{outside}");
        }
    }

    #[test]
    fn columns_of_numbers_are_right_aligned() {
        let cells = |cells: [&str; 2]| cells.map(String::from).to_vec();
        let rows = vec![cells(["4", "99.1 %"]), cells(["9", "< 0.1 %"])];
        let html = Table::new(cells(["class", "recall"]), rows).unwrap().html();
        assert!(html.contains("<th>class</th><th class=\"number\">recall</th>"));
        assert!(html.contains("<td>4</td><td class=\"number\">99.1 %</td>"));
    }

    #[test]
    fn row_with_a_missing_cell_is_refused() {
        let table = Table::new(vec![String::from("class")], vec![vec![String::new()], Vec::new()]);
        assert!(matches!(table, Err(PageError::Row { row: 1, expected: 1, found: 0 })));
    }

    #[test]
    fn contents_link_to_the_headings() {
        let mut page = Page::new("Report", "");
        page.heading("Errors");
        assert!(!page.html().contains("<nav"));
        page.heading("Calibration");
        assert!(page.html().contains("<a href=\"#section-2\">Calibration</a>"));
        assert!(page.html().contains("<h2 id=\"section-2\">Calibration</h2>"));
    }
}
