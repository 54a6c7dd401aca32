//! How fast it is, each figure beside its floor measured in the same run: `tests/speed/run` measures everything and
//! writes the table into the README; `cargo bench --bench speed -- pages messages` measures some rows and prints them.

#[path = "../office/mod.rs"]
mod office;

mod copies;
mod fill;
mod finds;
mod floor;
mod house;
mod messages;
mod pages;
mod paper;
mod screens;
mod sizes;
mod starts;
mod wire;

use fill::Filled;
use paper::Paper;
use std::path::Path;

/// The groups of rows, in the order of the table.
const GROUPS: [&str; 8] = ["messages", "screens", "pages", "finds", "starts", "memory", "copies", "sizes"];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench").peekable();
    if arguments.next_if(|word| word == floor::BARE).is_some() {
        return floor::serve(Path::new(&arguments.next().expect("the database's path")));
    }
    let publish = arguments.next_if(|word| word == "--readme").is_some();
    let mut wanted: Vec<String> = arguments.collect();
    if wanted.is_empty() {
        wanted = GROUPS.map(str::to_owned).to_vec();
    }
    let mut paper = Paper::new();
    let (small, large) = (Filled::with(1_000), Filled::with(100_000));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for group in wanted {
        match group.as_str() {
            "messages" => runtime.block_on(messages::measure(&large, &mut paper)),
            "screens" => runtime.block_on(screens::measure(&large, &mut paper)),
            "pages" => runtime.block_on(pages::measure(&small, &large, &mut paper)),
            "finds" => finds::measure(&large, &mut paper),
            "starts" => runtime.block_on(starts::measure(&large, &mut paper)),
            "memory" => runtime.block_on(screens::memory(&large, &mut paper)),
            "copies" => runtime.block_on(copies::measure(&large, &mut paper)),
            "sizes" => runtime.block_on(sizes::measure(&large, &mut paper)),
            other => panic!("{other} is none of {GROUPS:?}"),
        }
    }
    println!("{}", paper.table());
    if publish {
        paper.publish();
    }
}
