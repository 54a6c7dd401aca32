use super::*;

const PHRASE: &str = "casa amarela";

fn identity(n: u8) -> (Recipient, Vec<Identity>) {
    keys::testing::pair([n; 32])
}

fn sealed(bytes: &[u8], envelope: &Envelope) -> (Vec<u8>, FileKey) {
    let mut sealing = Sealing::new(Vec::new(), envelope).unwrap();
    sealing.write_all(bytes).unwrap();
    sealing.finish().unwrap()
}

fn opened(bytes: &[u8], key: &Key) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    Opening::new(bytes, key)?.read_to_end(&mut out)?;
    Ok(out)
}

fn why(bytes: &[u8], key: &Key) -> String {
    opened(bytes, key).unwrap_err().to_string()
}

#[test]
fn what_is_sealed_opens_with_its_own_key_alone() {
    let (anna, annas) = identity(1);
    let (bela, belas) = identity(2);
    let (phrase, key) = (Envelope::Passphrase(PHRASE.into()), Key::Passphrase(PHRASE.into()));
    let (both, annas, belas) = (Envelope::Recipients(vec![anna, bela]), Key::Identities(annas), Key::Identities(belas));
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let plain: Vec<u8> = (0..length).map(|n| n as u8).collect();
        assert_eq!(opened(&sealed(&plain, &phrase).0, &key).unwrap(), plain, "{length}");
        let (file, own) = sealed(&plain, &both);
        for key in [&annas, &belas, &Key::File(own)] {
            assert_eq!(opened(&file, key).unwrap(), plain, "{length}");
        }
    }
    assert!(Sealing::new(Vec::new(), &Envelope::Recipients(Vec::new())).is_err(), "nobody could open it");
}

#[test]
fn what_is_needed_is_said() {
    let (anna, annas) = identity(1);
    let (_, belas) = identity(2);
    let (annas, belas, phrase) = (Key::Identities(annas), Key::Identities(belas), Key::Passphrase(PHRASE.into()));
    let (by_phrase, _) = sealed(b"x", &Envelope::Passphrase(PHRASE.into()));
    let (by_key, _) = sealed(b"x", &Envelope::Recipients(vec![anna]));
    assert_eq!(why(&by_phrase, &Key::Passphrase("casa azul".into())), "the passphrase is wrong");
    for key in [&Key::Nothing, &annas] {
        assert!(why(&by_phrase, key).contains("encrypted with a passphrase: give it with --passphrase-file"));
    }
    for key in [&Key::Nothing, &phrase] {
        assert!(why(&by_key, key).contains("encrypted to an age key: give the file of the private one"));
    }
    assert!(why(&by_key, &belas).contains("encrypted to another"));
    let foreign =
        b"age-encryption.org/v1\n-> ssh-ed25519 abcd AAAA\nAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    assert!(why(foreign, &annas).contains("keys of another kind"));
}

#[test]
fn a_cut_or_changed_file_never_opens() {
    let (anna, annas) = identity(1);
    let (by_phrase, by_key) = (Envelope::Passphrase(PHRASE.into()), Envelope::Recipients(vec![anna]));
    for (envelope, key) in [
        (&by_phrase, Some(Key::Passphrase(PHRASE.into()))),
        (&by_key, Some(Key::Identities(annas))),
        // As a house reads back that has no private key.
        (&by_key, None),
    ] {
        let (whole, own) = sealed(&vec![7; 2 * CHUNK], envelope);
        let key = key.unwrap_or(Key::File(own));
        let head = whole.len() - 2 * (CHUNK + TAG);
        for end in [0, 10, head - 17, head, head + 1, head + CHUNK, head + CHUNK + TAG, whole.len() - 1] {
            assert!(opened(&whole[..end], &key).is_err(), "cut at {end}");
        }
        for at in [25, 60, 90, head - 20, head - 1, head + 5, whole.len() - 1] {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            assert!(opened(&bad, &key).is_err(), "changed at {at}");
        }
        assert!(opened(&[whole.as_slice(), b"x"].concat(), &key).is_err(), "something behind the end");
    }
}

/// C56: nothing is waited for, nothing is counted out, whatever a header says.
#[test]
fn c56_a_hostile_header_is_refused_and_costs_nothing() {
    let (anna, annas) = identity(1);
    let annas = Key::Identities(annas);
    let (good, _) = sealed(b"x", &Envelope::Recipients(vec![anna]));
    let good = String::from_utf8_lossy(&good).into_owned();
    let lines: Vec<&str> = good.split('\n').collect();
    let (share, body, mac) = (lines[1], lines[2], lines[3]);
    let zero = "A".repeat(43);
    let salt = "A".repeat(22);
    for (what, middle) in [
        ("no stanza", String::new()),
        ("an endless line", "x".repeat(1 << 20)),
        ("endless stanzas", format!("-> grease\n{}\n", "A".repeat(60)).repeat(10_000)),
        ("an endless body", format!("-> X25519 {zero}\n{}", format!("{}\n", "A".repeat(64)).repeat(10_000))),
        ("no body", format!("{share}\n")),
        ("a short body", format!("{share}\nAAAA\n")),
        ("a long body", format!("{share}\n{}\nAAAA\n", "A".repeat(64))),
        ("no share", format!("-> X25519\n{body}\n")),
        ("two shares", format!("{share} {zero}\n{body}\n")),
        ("a short share", format!("-> X25519 AAAA\n{body}\n")),
        ("a share of low order", format!("-> X25519 {zero}\n{body}\n")),
        ("carriage returns", format!("{share}\r\n{body}\r\n")),
        ("a way in beside a passphrase", format!("{share}\n{body}\n-> scrypt {salt} 17\n{zero}\n")),
        ("a stanza more", format!("{share}\n{body}\n-> grease\n\n")),
    ] {
        let bad = format!("{INTRO}\n{middle}{mac}\n0123456789abcdef0123456789abcdef");
        let mut rest = bad.as_bytes();
        let refused = Opening::new(&mut rest, &annas).err().unwrap().to_string();
        assert!(bad.len() - rest.len() <= 32 << 10, "{what}: so much was read");
        assert!(refused.contains("cut or changed") || refused.contains("another"), "{what}: {refused}");
    }
    let phrase = Key::Passphrase(PHRASE.into());
    for work in ["", "0", "21", "63", "255", "017", "+17", "-1", "99999999999"] {
        let bad = format!("{INTRO}\n-> scrypt {salt} {work}\n{zero}\n--- {zero}\n");
        assert!(why(bad.as_bytes(), &phrase).contains("cut or changed"), "{work}");
    }
}
