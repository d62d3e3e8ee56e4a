//! Comma- and semicolon-separated lines, as spreadsheets save them, turned into tab-separated ones.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// How the cells of a line are separated, and what takes them apart.
#[derive(Debug, Default)]
pub(super) struct Delimited {
    /// `None` where cells are separated by tabs already.
    reader: Option<Box<Reader>>,
}

impl Delimited {
    /// By tabs where `line` has one, else by its more frequent one of comma and semicolon.
    pub fn of(line: &str) -> Self {
        let count = |letter| line.bytes().filter(|&byte| byte == letter).count();
        let (commas, semicolons) = (count(b','), count(b';'));
        if line.contains('\t') || commas + semicolons == 0 {
            return Self::default();
        }
        let delimiter = if commas >= semicolons { b',' } else { b';' };
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            reader: Some(Box::new(reader)),
        }
    }

    /// Makes `line` a tab-separated one, without the quotes around cells. A quoted cell ends at the
    /// end of its line.
    pub fn convert(&mut self, line: &mut String) {
        let Some(reader) = &mut self.reader else {
            return;
        };
        reader.reset();
        line.push('\n');
        let mut input = line.as_bytes();
        // A line never grows: a delimiter becomes a tab, quotes go.
        let mut cells = vec![0; input.len() + 1];
        let mut written = 0;
        loop {
            let (result, read, wrote) = reader.read_field(input, &mut cells[written..]);
            input = &input[read..];
            let cell = &mut cells[written..written + wrote];
            cell.iter_mut()
                .filter(|byte| matches!(byte, b'\t' | b'\n'))
                .for_each(|byte| *byte = b' ');
            written += wrote;
            match result {
                ReadFieldResult::Field { record_end: false } if written < cells.len() => {
                    cells[written] = b'\t';
                    written += 1;
                }
                _ => break,
            }
        }
        cells.truncate(written);
        *line = String::from_utf8(cells)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tabs(line: &str) -> String {
        let mut text = line.to_owned();
        Delimited::of(line).convert(&mut text);
        text
    }

    #[test]
    fn spreadsheets_become_tables() {
        assert_eq!(tabs("a\tb,c"), "a\tb,c");
        assert_eq!(tabs("words"), "words");
        assert_eq!(tabs("tf,left,right"), "tf\tleft\tright");
        assert_eq!(tabs("tf;left;1,5"), "tf\tleft\t1,5");
        assert_eq!(tabs(",x,,"), "\tx\t\t");
        assert_eq!(
            tabs(r#""CRP, cAMP","say ""x""",366300"#),
            "CRP, cAMP\tsay \"x\"\t366300"
        );
        assert_eq!(tabs("\"open,1"), "open,1 ");
        assert_eq!(tabs(",\r"), "\t");
    }
}
