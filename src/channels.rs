//! Other companies' machines: how a planned letter leaves the house. One provider, one file; retries and results belong
//! to the courier.

pub mod courier;
pub mod email;
