//! F35: what is shown is in the agency's zone, whatever the machine thinks where it stands.

use crate::office::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

/// A house on a directory that was set up, in an environment of one's choice.
struct Elsewhere {
    child: Child,
    staff: String,
}

impl Elsewhere {
    fn start(house: &House, environment: &[(&str, &str)]) -> Self {
        let data = house.data();
        let arguments = ["--data", data.to_str().unwrap(), "--staff", "127.0.0.1:0", "--public", "127.0.0.1:0"];
        let mut command: Command = command(&arguments);
        let mut child = command.envs(environment.iter().copied()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let staff = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("Balcão: ").map(str::to_owned));
        Self { child, staff: staff.expect("it opens") }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the page says of the moment of the message with these words.
async fn moment(staff: &Person, conversation: u64, words: &str) -> String {
    let page = staff.get(&format!("/conversas/{conversation}")).await.text();
    let (_, after) = page.split_once(words).unwrap_or_else(|| panic!("{words}: {page}"));
    between(after, "<time datetime=\"", "\"").unwrap().to_owned()
}

#[tokio::test]
async fn f35_the_zone_is_the_agencys_and_the_machines_means_nothing() {
    let mut house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let talk = queue(&admin, "Marta").await;
    note(&admin, talk, "chaves na portaria").await;
    let here = moment(&admin, talk, "chaves na portaria").await;
    assert!(here.ends_with("-03:00"), "{here}");

    let form = [("nome", "Aurora"), ("cor", "40"), ("idioma", "pt-BR"), ("fuso", "Asia/Kathmandu")];
    let changed = admin.post("/sistema/agencia", &form).await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    let there = moment(&admin, talk, "chaves na portaria").await;
    assert!(there.ends_with("+05:45"), "shown anew, nothing rewritten: {there}");
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(instant(&here), instant(&there));
    for odd in ["", "Marte/Olimpo", "America/Sao_Paulo\u{0}", "../../etc/passwd"] {
        let form = [("nome", "Aurora"), ("cor", "40"), ("idioma", "pt-BR"), ("fuso", odd)];
        assert_eq!(admin.post("/sistema/agencia", &form).await.status, 422, "{odd:?}");
    }
    house.stop();

    // Another machine's zone, one that is nonsense, and no table of zones at all: the house brings its own.
    for environment in [
        &[("TZ", "Pacific/Kiritimati")][..],
        &[("TZ", ":/nada/nenhures"), ("TZDIR", "/nada")],
        &[("TZ", "UTC"), ("TZDIR", "/proc/self/fd")],
    ] {
        let again = Elsewhere::start(&house, environment);
        let admin = Person::enter(&again.staff, ADMIN).await;
        assert_eq!(moment(&admin, talk, "chaves na portaria").await, there, "{environment:?}");
    }
}
