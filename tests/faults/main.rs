//! The store survives every fault of the disk, and heals by itself.
//!
//! A disk that the tests own lies under the real store and the real verbs of the domain: it cuts the power, fails, fills
//! up. What needs the real binary and a real file system stands in `binary.rs`; what needs root, and
//! records what it found, in scripts: a tracer (`strace.sh`), a memory cage (`memory.sh`), a file system of its own
//! (`image.sh`).

#[path = "../office/mod.rs"]
mod office;

mod agency;
mod binary;
mod clock;
mod cuts;
mod disk;
mod errors;
mod rot;
mod upgrade;
