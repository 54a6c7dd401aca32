//! TLS at both front doors, asked of the real binary by clients that check certificates.

#[path = "../office/mod.rs"]
mod office;

mod acme;
mod cookies;
mod files;
mod office_https;
mod papers;
mod proxies;
mod rude;
mod wire;
