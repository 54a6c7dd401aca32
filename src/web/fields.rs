//! What a form or an address's query says: pairs of names and texts, read once, and kept for the form that comes back.

/// Pairs more than this are not read: no form of ours has as many.
const PAIRS_MAX: usize = 500;

/// The fields of a form or query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`.
    pub fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).take(PAIRS_MAX).map(|(k, v)| (k.into_owned(), v.into_owned())).collect())
    }

    /// The first text of this name, or nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first text of this name; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Every text of this name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a tick box of this name was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty())
    }

    /// A record's number: digits only, no sign, no leading zero (C23).
    pub fn number(&self, name: &str) -> Option<u64> {
        number(self.text(name))
    }

    /// The same fields but these.
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(key, _)| key != name).cloned().collect())
    }

    /// The same fields with one more, for prefilled forms.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }
}

/// A record's number as it stands in addresses and forms.
pub fn number(text: &str) -> Option<u64> {
    let plain =
        !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c23_only_plain_numbers_are_numbers() {
        for odd in ["12abc", " 12", "+12", "012", "12.0", "12\0", "18446744073709551628", "-1", "١٢", "", "0"] {
            assert_eq!(number(odd), None, "{odd:?}");
        }
        assert_eq!(number("12"), Some(12));
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
    }

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        let fields = Fields::read(b"texto=Ol%C3%A1+mundo&arquivo=a&arquivo=b&x");
        assert_eq!(fields.text("texto"), "Olá mundo");
        assert_eq!(fields.all("arquivo"), ["a", "b"]);
        assert!(!fields.ticked("x") && !fields.ticked("y"));
    }
}
