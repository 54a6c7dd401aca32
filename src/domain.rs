//! The agency in nouns and verbs: what would be true with paper and pencil.
//!
//! Every noun has a file: two sentences, the struct, its indexes, its verbs in the order of life, its reads. Verbs take
//! where (`tx`), who (`viewer`), what (an id), with (data), in that order. Only a noun's own file writes that noun. No
//! HTTP here, no HTML, no sentence in any human language, nothing asynchronous.

pub mod access;
pub mod agency;
pub mod attachment;
pub mod audit;
mod beginnings;
pub mod contact;
pub mod conversation;
pub mod copies;
pub mod delivery;
pub mod entry;
pub mod event;
pub mod external_access;
pub mod history;
pub mod ids;
pub mod inbox;
pub mod invitation;
pub mod opportunity;
pub mod password;
pub mod presence;
pub mod reason;
pub mod refusal;
pub mod role;
pub mod schema;
pub mod second_factor;
pub mod session;
pub mod token;
pub mod upkeep;
pub mod user;
pub mod values;

pub use access::{Outsider, Staff, Viewer};
pub use event::Event;
pub use refusal::{Answer, No, Refusal, Why};
