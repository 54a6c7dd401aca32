//! Keys whose byte order is the order of the values in them.

/// A key under construction: parts are appended, most significant first.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// The empty key: as a prefix it matches everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number; big-endian, so that byte order is numeric order.
    pub fn number(mut self, n: u64) -> Self {
        self.0.extend(n.to_be_bytes());
        self
    }

    /// A small number, such as a kind or a state.
    pub fn small(mut self, n: u8) -> Self {
        self.0.push(n);
        self
    }

    /// A signed number, such as a time; the sign bit is turned so that negatives come first.
    pub fn signed(mut self, n: i64) -> Self {
        self.0.extend(((n as u64) ^ (1 << 63)).to_be_bytes());
        self
    }

    /// A text, ended by a zero byte so that "ana" does not contain "anabela"; zero bytes in it are left out.
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend(text.bytes().filter(|byte| *byte != 0));
        self.0.push(0);
        self
    }

    /// Bytes of a fixed length, such as a hash.
    pub fn fixed(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first key that no longer begins with this one; `None` where there is none.
    pub fn after(&self) -> Option<Vec<u8>> {
        let mut end = self.0.clone();
        while let Some(last) = end.pop() {
            if last < 255 {
                end.push(last + 1);
                return Some(end);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Key;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn byte_order_is_value_order(a: i64, b: i64, s in "[a-z]{0,6}", t in "[a-z]{0,6}") {
            let (x, y) = (Key::new().signed(a).text(&s), Key::new().signed(b).text(&t));
            prop_assert_eq!(x.bytes().cmp(y.bytes()), (a, s).cmp(&(b, t)));
        }
    }

    #[test]
    fn a_prefix_ends_where_the_next_value_begins() {
        let five = Key::new().number(5);
        let inside = Key::new().number(5).number(u64::MAX);
        let end = five.after().expect("a number below the maximum has a successor");
        assert!(inside.bytes() < end.as_slice());
        assert_eq!(end, Key::new().number(6).bytes());
        assert_eq!(Key::new().number(u64::MAX).after(), None);
    }
}
