//! C56, F20: archives that lie. Each is refused with one sentence, and nothing is written anywhere.

use super::*;
use std::sync::LazyLock;

const BLOCK: usize = 512;

type Part = (String, Vec<u8>);

/// The parts of a good archive.
pub fn parts(bytes: &[u8]) -> Vec<Part> {
    let mut at = 0;
    let mut found = Vec::new();
    while bytes[at] != 0 {
        let name = String::from_utf8(bytes[at..at + 100].split(|byte| *byte == 0).next().unwrap().to_vec()).unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[at + 124..at + 135]).unwrap(), 8).unwrap();
        found.push((name, bytes[at + BLOCK..at + BLOCK + length].to_vec()));
        at += BLOCK + length.next_multiple_of(BLOCK);
    }
    found
}

fn head(name: &str, bytes: usize, kind: u8, link: &str) -> Vec<u8> {
    let mut head = vec![0; BLOCK];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[124..135].copy_from_slice(format!("{bytes:011o}").as_bytes());
    head[156] = kind;
    head[157..157 + link.len()].copy_from_slice(link.as_bytes());
    head[257..265].copy_from_slice(b"ustar\x0000");
    head[148..156].fill(b' ');
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head
}

fn append(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    out.extend(head(name, content.len(), b'0', ""));
    out.extend(content);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

/// An archive of these parts with a seal that fits: an attacker can count, too.
fn sealed(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in parts.iter().filter(|(name, _)| name != "seal.json") {
        append(&mut out, name, content);
    }
    seal(out)
}

/// Ends it with the checksum of every head and of every content's hash.
fn seal(mut out: Vec<u8>) -> Vec<u8> {
    let mut covered = Vec::new();
    let mut at = 0;
    while at < out.len() {
        let (head, rest) = out[at..].split_at(BLOCK);
        let length = usize::from_str_radix(std::str::from_utf8(&head[124..135]).unwrap(), 8).unwrap();
        covered.extend(head);
        covered.extend(Sha256::digest(&rest[..length]));
        at += BLOCK + length.next_multiple_of(BLOCK);
    }
    let seal = format!("{{\"sha256\":\"{}\",\"damaged\":[]}}", sha256(&covered));
    append(&mut out, "seal.json", seal.as_bytes());
    out.extend([0; 2 * BLOCK]);
    out
}

/// A good archive: one conversation, two files.
static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let made = std::thread::spawn(|| {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let mut house = House::open().await;
            let staff = Person::enter(&house.staff, BROKER).await;
            let talk = queue(&staff, "Marta").await;
            say_with_file(&staff, talk, "um", "conteúdo um").await;
            say_with_file(&staff, talk, "dois", "conteúdo dois").await;
            house.stop();
            let archive = house.data().with_file_name("a.tar");
            done(&house.data(), &["backup", archive.to_str().unwrap()]);
            std::fs::read(archive).unwrap()
        })
    });
    made.join().unwrap()
});

/// Restores these bytes, which must be refused and leave nothing, beside or above.
fn must_refuse(what: &str, bytes: &[u8]) -> String {
    let away = tempfile::tempdir().unwrap();
    let archive = away.path().join("a.tar");
    std::fs::write(&archive, bytes).unwrap();
    let inner = away.path().join("in");
    std::fs::create_dir(&inner).unwrap();
    let before = tree(away.path());
    let (code, out, err) = on(&inner.join("data"), &["restore", archive.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{what}: {out}{err}");
    assert_eq!(err.lines().count(), 1, "{what}: one sentence: {err}");
    let after = tree(away.path());
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{what}: nothing is left");
    err
}

fn with_manifest(parts: &[Part], change: impl FnOnce(&mut serde_json::Value)) -> Vec<Part> {
    let mut parts = parts.to_vec();
    let mut manifest: serde_json::Value = serde_json::from_slice(&parts[0].1).unwrap();
    change(&mut manifest);
    parts[0].1 = serde_json::to_vec(&manifest).unwrap();
    parts
}

#[test]
fn the_good_one_is_good() {
    let away = tempfile::tempdir().unwrap();
    for (name, bytes) in [("real", GOOD.clone()), ("made", sealed(&parts(&GOOD)))] {
        let archive = away.path().join(name);
        std::fs::write(&archive, bytes).unwrap();
        done(&away.path().join(format!("from {name}")), &["restore", archive.to_str().unwrap()]);
    }
}

#[test]
fn c56_no_archive_writes_anything_but_what_it_lists() {
    let good = parts(&GOOD);
    for name in ["../fora", "/tmp/balcao-fora", "files/../../fora", "LOCK", "balcao.redb", "files/x", "secrets/x", ""] {
        let mut more = good.clone();
        more.insert(3, (name.to_owned(), b"x".to_vec()));
        must_refuse(name, &sealed(&more));
    }
    for name in
        ["../fora", "/etc/fora", "secrets/../fora", "secrets/.x", "secrets/a/b", "secrets/", "LOCK", "snapshots/x"]
    {
        let part = serde_json::json!([name, { "bytes": 1, "sha256": sha256(b"x") }]);
        let mut more = with_manifest(&good, |manifest| manifest["loose"].as_array_mut().unwrap().push(part));
        more.insert(2, (name.to_owned(), b"x".to_vec()));
        assert!(must_refuse(name, &sealed(&more)).contains("no data directory has"), "{name}");
    }
    assert!(!Path::new("/tmp/balcao-fora").exists());
}

#[test]
fn c56_links_and_devices_are_refused() {
    let good = parts(&GOOD);
    let file = good[2].0.clone();
    for (kind, link) in [
        (b'1', "LOCK"),
        (b'2', "/etc/passwd"),
        (b'3', ""),
        (b'4', ""),
        (b'5', ""),
        (b'6', ""),
        (b'x', ""),
        (b'L', ""),
        (b'0', "/etc/passwd"),
    ] {
        let mut out = Vec::new();
        append(&mut out, &good[0].0, &good[0].1);
        append(&mut out, &good[1].0, &good[1].1);
        out.extend(head(&file, 0, kind, link));
        append(&mut out, &good[3].0, &good[3].1);
        must_refuse(&format!("kind {}", char::from(kind)), &seal(out));
    }
}

#[test]
fn c56_what_is_listed_must_come_once_in_order_and_be_what_it_says() {
    let good = parts(&GOOD);
    let change = |what: &str, change: &dyn Fn(&mut Vec<Part>)| {
        let mut parts = good.clone();
        change(&mut parts);
        must_refuse(what, &sealed(&parts));
    };
    change("twice", &|parts| parts.insert(3, parts[2].clone()));
    change("missing", &|parts| drop(parts.remove(3)));
    change("the other order", &|parts| parts.swap(2, 3));
    change("other bytes", &|parts| parts[2].1[0] ^= 1);
    change("more bytes", &|parts| parts[2].1.push(0));
    change("no database", &|parts| drop(parts.remove(1)));
    change("no manifest", &|parts| drop(parts.remove(0)));
    change("another database", &|parts| parts[1].1.iter_mut().skip(60).for_each(|byte| *byte = 0));
    let twice = with_manifest(&good, |manifest| {
        let files = manifest["files"].as_array_mut().unwrap();
        files.insert(0, files[0].clone());
    });
    assert!(must_refuse("listed twice", &sealed(&twice)).contains("names a file twice"));
    let million = with_manifest(&good, |manifest| {
        let all = (0..1_000_000).map(|n| serde_json::json!([format!("{n:064x}"), 0])).collect();
        manifest["files"] = serde_json::Value::Array(all);
    });
    must_refuse("a million names", &sealed(&million));
    let huge = with_manifest(&good, |manifest| manifest["files"][0][1] = serde_json::json!(1u64 << 50));
    assert!(must_refuse("huge", &sealed(&huge)).contains("has no room"), "before anything is written");
    let endless = with_manifest(&good, |manifest| manifest["files"][0][1] = serde_json::json!(u64::MAX));
    must_refuse("endless", &sealed(&endless));
}

/// The good archive with other rows in its database: sealed, hashed and listed as they should be.
fn with_rows(rows: &[u8]) -> Vec<Part> {
    let mut parts = parts(&GOOD);
    let mut dump = [&parts[1].1[..40], &zstd::encode_all(rows, 1).unwrap()].concat();
    dump.extend(Sha256::digest(&dump));
    let part = serde_json::json!({ "bytes": dump.len(), "sha256": sha256(&dump) });
    parts[1].1 = dump;
    with_manifest(&parts, |manifest| manifest["database"] = part)
}

#[test]
fn c56_odd_rows_are_refused_in_a_sentence() {
    let end = [0; 9];
    for (what, rows) in [
        ("no rows", vec![]),
        ("a table without a name", vec![1, 0]),
        ("a name that is no text", vec![1, 2, 0xff, 0xfe]),
        ("a key of four gigabytes", [&b"\x01\x05users\x02"[..], &[0xff; 8]].concat()),
        ("a value that is not there", b"\x01\x05users\x02\0\0\0\x01\x04\0\0\0a".to_vec()),
        ("no stamp", b"\x01\x05users".to_vec()),
    ] {
        must_refuse(what, &sealed(&with_rows(&[&rows[..], &end].concat())));
    }
}

#[test]
fn c56_rows_that_unpack_without_end_fill_no_disk() {
    const ROWS: usize = 300;
    let value = [&b"\x02\0\0\0\x01\0\x10\0\0k"[..], &[0; 1 << 20]].concat();
    let rows = [b"\x01\x05users".to_vec(), value.repeat(ROWS), vec![0; 9]].concat();
    let archive = sealed(&with_rows(&rows));
    assert!(archive.len() * 500 < rows.len(), "a bomb");
    assert!(must_refuse("a bomb", &archive).contains("unpacks to more than records ever do"));
}

#[test]
fn f20_newer_cut_changed_and_foreign_archives_are_refused() {
    let good = parts(&GOOD);
    for (key, value) in [("format", 3), ("layout", 9_999)] {
        let newer = with_manifest(&good, |manifest| manifest[key] = serde_json::json!(value));
        assert!(must_refuse(key, &sealed(&newer)).contains("a newer version"));
    }
    let mut ends = vec![0, 1, 100, 511, 512, 513, GOOD.len() - 1, GOOD.len() - BLOCK, GOOD.len() - 2 * BLOCK];
    ends.extend((0..GOOD.len()).step_by(GOOD.len() / 40));
    for end in ends {
        must_refuse(&format!("cut at {end} of {}", GOOD.len()), &GOOD[..end]);
    }
    for at in (0..GOOD.len() - 2 * BLOCK).step_by(GOOD.len() / 60) {
        let mut bad = GOOD.clone();
        bad[at] ^= 0x10;
        must_refuse(&format!("changed at {at} of {}", GOOD.len()), &bad);
    }
    must_refuse("something behind the end", &[GOOD.as_slice(), b"x"].concat());
    must_refuse("no archive", b"%PDF-1.7 nothing of ours");
    must_refuse("a text", &vec![b'a'; 100_000]);
}

#[test]
fn f20_a_directory_that_is_not_empty_is_left_alone() {
    let away = tempfile::tempdir().unwrap();
    let archive = away.path().join("a.tar");
    std::fs::write(&archive, &*GOOD).unwrap();
    let data = away.path().join("data");
    std::fs::create_dir(&data).unwrap();
    done(&data, &["restore", archive.to_str().unwrap()]);
    let before = tree(&data);
    assert!(refused(&data, &["restore", archive.to_str().unwrap()]).contains("is not empty"));
    assert_eq!(tree(&data), before);
}

#[test]
fn f20_a_restore_that_is_cut_off_is_never_opened_and_can_be_repeated() {
    let away = tempfile::tempdir().unwrap();
    let (archive, data) = (away.path().join("a.tar"), away.path().join("data"));
    std::fs::write(&archive, &*GOOD).unwrap();
    let arguments = ["restore", archive.to_str().unwrap(), "--data", data.to_str().unwrap()];
    let mut halves = 0;
    for wait in (0..120).step_by(3) {
        let mut child = command(&arguments).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        if data.join("RESTORING").exists() {
            halves += 1;
            assert!(refused(&data, &["user", "list"]).contains("holds half a backup"));
        } else if data.join("balcao.redb").exists() {
            done(&data, &["check"]);
            std::fs::remove_dir_all(&data).unwrap();
        }
    }
    assert!(halves > 0, "some were cut off in the middle");
    if !data.join("balcao.redb").exists() {
        done(&data, &["restore", archive.to_str().unwrap()]);
    }
    done(&data, &["check"]);
}
