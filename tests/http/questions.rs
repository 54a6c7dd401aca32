//! C61: whatever is asked of the search, by whom and where, the house answers, soon, and goes on.

use crate::doors::spoken;
use crate::input::Dice;
use crate::office::*;
use crate::world::World;
use futures_util::StreamExt;
use reqwest::Method;

const QUESTIONS: usize = 10_000;
/// At a time: the house is busy with several, and one that hung would be seen by its neighbours.
const AT_ONCE: usize = 8;

const FIELDS: &[&str] =
    &["q", "q", "q", "tipo", "pessoa", "de", "ate", "ordem", "pular", "contato", "busca", "em", "x"];
/// As they stand in an address; what is here as it is, is there as it is.
const SHORT: &[&str] = &[
    "",
    "a*",
    "*",
    "boa+tarde",
    "%22boa+tarde%22",
    "%22",
    "%22boa",
    "apartamento",
    "apart*+OR+sala",
    "texto:[*+TO+*]",
    "1:1",
    "/(a%2B)%2B$/",
    "(?i)%5E(a%7Ca)*$",
    "%5Bx%5B",
    "+-%26%26%7C%7C!()%7B%7D%5B%5D%5E~*?:%5C/",
    "a~9999999999",
    "a%5E1e309",
    "NOT",
    "%00",
    "%00%01loc",
    "%E2%80%AE%E2%80%AB",
    "%E2%80%8B",
    "%FF%FE",
    "%C3",
    "%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9",
    "%27;+DROP+TABLE+entries;+--",
    "%zz",
    "mensagens",
    "notas",
    "relevantes",
    "1",
    "-1",
    "01",
    "18446744073709551615",
    "18446744073709551616",
    "9e99",
    "NaN",
    "2026-06-01",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "-999999-01-01",
    "2026-13-45T99:99",
    "%D9%A2%D9%A0%D9%A2%D9%A6-%D9%A0%D9%A1-%D9%A0%D9%A1",
    "%0D%0ASet-Cookie:+x=y",
    "%3Cscript%3E",
];

/// What only its length makes odd.
fn long(dice: &mut Dice) -> String {
    match dice.roll(8) {
        0 => "(".repeat(5_000),
        1 => format!("{}x{}", "(".repeat(5_000), ")".repeat(5_000)),
        2 => "%22".repeat(5_000),
        3 => "a*+".repeat(5_000),
        4 => "%22uma+frase+".repeat(1_500),
        5 => "sala+".repeat(5_000),
        6 => "%C3%A3".repeat(4_000),
        // Longer than a request's head may be; the client refuses twice as much.
        _ => "a+".repeat(25_000),
    }
}

fn question(dice: &mut Dice) -> String {
    let mut all = Vec::new();
    if dice.roll(20) == 0 {
        all.push(format!("{}={}", dice.of(&["q", "busca", "tipo", "de", "pular"]), long(dice)));
    }
    // The same field more than once now and then.
    for _ in 0..=dice.roll(6) {
        all.push(format!("{}={}", dice.of(FIELDS), dice.of(SHORT)));
    }
    all.join(["&", "&&", ";"][usize::from(dice.roll(30) == 0) * (1 + dice.roll(2))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c61_ten_thousand_odd_questions_are_answered_and_the_house_goes_on() {
    let mut world = World::open().await;
    let (admin, broker, owner) = (world.staff(ADMIN).await, world.staff(BROKER).await, world.outsider(OWNER).await);
    for n in 0..60 {
        say(&broker, world.owner_talk, &format!("Boa tarde {n}, a sala do apartamento ((( \"uma frase\" a* x")).await;
    }
    let found =
        || async { admin.get_fragment("/busca?q=%22sala+do+apartamento%22").await.text().contains("apartamento") };
    eventually("what was said is found", PATIENCE, found).await;
    let talk = format!("/conversas/{}", world.owner_talk);
    let at_portal = format!("/conversas/{}", world.owner_token);
    let pid = world.house.pid();
    let mut dice = Dice(61);
    let asked: Vec<_> = (0..QUESTIONS)
        .map(|n| {
            let (person, path) = match n % 10 {
                0 => (&broker, talk.as_str()),
                1 => (&owner, at_portal.as_str()),
                2..5 => (&admin, "/busca"),
                _ => (&broker, "/busca"),
            };
            // Whole pages, too, but most of a page has nothing to do with the question.
            (person, format!("{path}?{}", question(&mut dice)), n % 7 == 0)
        })
        .collect();
    let answers = futures_util::stream::iter(asked).map(|(person, path, whole)| async move {
        let request = person.raw(Method::GET, &path);
        let request = if whole { request } else { request.header("X-Fragment", "1") };
        // Nobody waits longer than the harness's patience: that is an error here.
        let answer = person.try_send(request).await.unwrap_or_else(|error| panic!("{path:.300}: {error}"));
        (path, answer.status, answer.header("location").to_owned())
    });
    let (mut answers, mut served) = (answers.buffer_unordered(AT_ONCE), 0);
    while let Some((path, status, to)) = answers.next().await {
        let too_long = path.len() > 30_000 && [414, 431].contains(&status);
        // Inside a conversation the page goes on to its newest hit.
        let to_hit = status == 303 && to.starts_with(path.split_once('?').unwrap().0);
        assert!(status == 200 || to_hit || too_long, "{status} {to}: {path:.300}");
        served += usize::from(status < 400);
    }
    drop(answers);
    let cookie = Person::cookie(&world.house.staff, ADMIN).await;
    for path in ["/busca?q=", "/conversas/1?busca="] {
        let request = format!("GET {path}{} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n", "%28".repeat(100 << 10));
        assert_eq!(spoken(&world.house.staff, &request).0, 431, "{path} with 100 K brackets");
    }
    assert!(served > QUESTIONS * 9 / 10, "most were questions: {served}");
    assert!(world.house.is_alive() && world.house.pid() == pid);
    assert!(found().await, "and it still finds");
}
