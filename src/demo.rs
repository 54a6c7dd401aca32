//! x
pub struct Filled;
impl Filled { pub fn json(&self, _: &str, _: &str) -> String { String::new() } }
pub fn fill(_: &crate::store::Store, _: &crate::store::files::Files, _: i64) -> anyhow::Result<Filled> { Ok(Filled) }
