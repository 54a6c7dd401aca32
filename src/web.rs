//! Screens: what people and their browsers meet. Two front doors, staff and public, each with a table of its own routes.

pub mod access;
pub mod answer;
pub mod ask;
pub mod certificate;
pub mod contacts;
pub mod desk;
pub mod door;
pub mod fields;
pub mod files;
pub mod find;
pub mod gallery;
pub mod guard;
pub mod inbox;
pub mod limits;
pub mod listener;
pub mod live;
pub mod login;
pub mod opportunities;
pub mod paths;
pub mod portal;
pub mod profile;
pub mod proof;
pub mod routes;
pub mod scene;
pub mod sessions;
pub mod setup;
pub mod statics;
pub mod system;
pub mod thread;
pub mod tls_only;
pub mod ui;
pub mod users;

pub use desk::Desk;
