//! TLS at both front doors, asked of the real binary by clients that check certificates.

#[path = "../office/mod.rs"]
mod office;

mod cookies;
mod files;
mod papers;
mod proxies;
mod rude;
mod wire;
