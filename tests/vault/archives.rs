//! Backup, restore, check, reindex.

use super::*;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[tokio::test]
async fn r9_a_backup_of_the_running_house_is_a_house_again() {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    let file = say_with_file(&staff, talk, "segue o recibo", "pago em 3 de maio").await;
    let (dir, away) = (house.data(), tempfile::tempdir().unwrap());
    let archive = away.path().join("casa.tar");
    let said = done(&dir, &["backup", archive.to_str().unwrap()]);
    assert!(said.contains("the database and 1 files"), "{said}");
    let mode = std::fs::metadata(&archive).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    note(&staff, talk, "depois da cópia").await;
    house.stop();

    let restored = away.path().join("data");
    done(&restored, &["restore", archive.to_str().unwrap()]);
    done(&restored, &["check"]);
    let again = House::again(away).unwrap();
    let staff = Person::enter(&again.staff, BROKER).await;
    let page = staff.get(&format!("/conversas/{talk}")).await.text();
    assert!(page.contains("segue o recibo") && !page.contains("depois da cópia"), "as it was then: {page}");
    assert_eq!(staff.get(&format!("/arquivos/{file}")).await.text(), "pago em 3 de maio");
}

#[tokio::test]
async fn r9_a_backup_of_the_stopped_house_and_one_of_its_restored_twin_hold_the_same() {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    say_with_file(&staff, talk, "um", "conteúdo um").await;
    house.stop();
    let away = tempfile::tempdir().unwrap();
    let (first, second) = (away.path().join("a.tar"), away.path().join("b.tar"));
    done(&house.data(), &["backup", first.to_str().unwrap()]);
    let twin = away.path().join("twin");
    done(&twin, &["restore", first.to_str().unwrap()]);
    done(&twin, &["backup", second.to_str().unwrap()]);
    let of = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        let mut parts = hostile::parts(&bytes);
        parts.retain(|(name, _)| name != "manifest.json" && name != "seal.json");
        // The head names the moment; the rows behind it are packed the same way from the same rows.
        parts[0].1 = parts[0].1[40..parts[0].1.len() - 32].to_vec();
        parts
    };
    assert_eq!(of(&first), of(&second), "every row and every file");
}

/// `layout-<n>.tar` is a backup as the last binary of that layout made it (layout 2: its rows packed in one piece): a house
/// set up over HTTP, an opportunity with an access, a document, what was said; and how many files it holds.
const OLDER: [(&str, usize); 3] = [("layout-2.tar", 1), ("layout-3.tar", 3), ("layout-4.tar", 3)];

#[tokio::test]
async fn r9_a_backup_of_an_older_program_is_a_house_again() {
    for (archive, files) in OLDER {
        let dir = tempfile::tempdir().unwrap();
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vault").join(archive);
        let restored = dir.path().join("data");
        let said = done(&restored, &["restore", archive.to_str().unwrap()]);
        assert!(said.contains(&format!("and {files} files")), "{said}");
        let mut house = House::again(dir).unwrap();
        let staff = Person::enter(&house.staff, BROKER).await;
        let page = staff.get("/conversas/1").await.text();
        assert!(page.contains("O contrato de locação está pronto."), "{page}");
        let file = between(&page, "href=\"/arquivos/", "\"").expect("the document");
        assert_eq!(staff.get(&format!("/arquivos/{file}")).await.status, 200, "{file}");
        say(&staff, 1, "Voltamos.").await;
        house.stop();
        done(&house.data(), &["check"]);
    }
}

#[tokio::test]
async fn r9_an_encrypted_backup_opens_with_its_passphrase_alone() {
    let mut house = House::open().await;
    house.stop();
    let away = tempfile::tempdir().unwrap();
    let (archive, right, wrong) = (away.path().join("a.age"), away.path().join("right"), away.path().join("wrong"));
    std::fs::write(&right, "casa amarela\n").unwrap();
    std::fs::write(&wrong, "casa azul\n").unwrap();
    let secrets = house.data().join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    std::fs::write(secrets.join("smtp-1"), "segredo").unwrap();
    let [archive, right, wrong] = [&archive, &right, &wrong].map(|path| path.to_str().unwrap());
    done(&house.data(), &["backup", archive, "--passphrase-file", right]);
    let bytes = std::fs::read(archive).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let twin = away.path().join("twin");
    assert!(refused(&twin, &["restore", archive]).contains("is encrypted"));
    assert!(refused(&twin, &["restore", archive, "--passphrase-file", wrong]).contains("passphrase is wrong"));
    assert!(!twin.exists(), "nothing was made");
    done(&twin, &["restore", archive, "--passphrase-file", right]);
    assert_eq!(std::fs::read_to_string(twin.join("secrets/smtp-1")).unwrap(), "segredo");

    let plain = away.path().join("a.tar");
    done(&house.data(), &["backup", plain.to_str().unwrap()]);
    let bytes = std::fs::read(&plain).unwrap();
    assert!(!bytes.windows(7).any(|seven| seven == b"segredo"), "no password in the clear");
}

#[tokio::test]
async fn f19_a_backup_that_is_killed_or_runs_out_of_disk_leaves_the_old_one() {
    let house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    // Noise, so that nothing packs it: the archive is larger than what the disk gives.
    let noise: String = (0..60_000u64).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    say_with_file(&staff, talk, "um", &noise).await;
    let away = tempfile::tempdir().unwrap();
    let archive = away.path().join("casa.tar");
    std::fs::write(&archive, "a cópia de ontem").unwrap();
    let data = house.data();
    let [data, to] = [&data, &archive].map(|path| path.to_str().unwrap());
    let limited = format!("ulimit -f 400; exec '{BINARY}' backup '{to}' --data '{data}'");
    let ended = Command::new("sh").args(["-c", &limited]).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("what was there before is untouched") && said.lines().count() == 1, "{said}");
    assert_eq!(std::fs::read_to_string(&archive).unwrap(), "a cópia de ontem");
    assert_eq!(std::fs::read_dir(away.path()).unwrap().count(), 1, "and nothing beside it");
    for wait in [0, 5, 10, 20, 40, 80, 160, 320, 640] {
        let mut child = command(&["backup", to, "--data", data]).spawn().unwrap();
        let ended = wait_for(&mut child, wait);
        let now = std::fs::read(&archive).unwrap();
        if ended {
            assert!(now.len() > 100_000, "a whole one");
            done(&away.path().join(format!("r{wait}")), &["restore", to]);
        } else if now != "a cópia de ontem".as_bytes() {
            // Killed between the name and its own end: then it must be whole.
            done(&away.path().join(format!("k{wait}")), &["restore", to]);
        }
        std::fs::write(&archive, "a cópia de ontem").unwrap();
    }
    done(&house.data(), &["backup", to]);
}

/// Lets it run for so many milliseconds; says whether it ended well by itself.
fn wait_for(child: &mut std::process::Child, milliseconds: u64) -> bool {
    let ended = wait(child, std::time::Duration::from_millis(milliseconds));
    child.kill().unwrap();
    child.wait().unwrap();
    ended.is_some_and(|status| status.success())
}

#[tokio::test]
async fn r9_a_check_finds_what_is_missing_or_damaged_and_changes_nothing() {
    let mut house = House::open().await;
    let staff = Person::enter(&house.staff, BROKER).await;
    let talk = queue(&staff, "Marta").await;
    for text in ["um", "dois", "três"] {
        say_with_file(&staff, talk, text, &format!("conteúdo {text}")).await;
    }
    let data = house.data();
    assert!(done(&data, &["check"]).contains("3 files were looked at"), "while it runs");
    house.kill();
    let before = tree(&data);
    assert!(done(&data, &["check"]).contains("3 files were looked at"), "after a pulled plug");
    assert_eq!(tree(&data), before, "nothing was changed");

    std::fs::remove_file(kept(&data, "conteúdo um")).unwrap();
    std::fs::write(kept(&data, "conteúdo dois"), "conteúdo DOIS").unwrap();
    let (code, out, err) = on(&data, &["check"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("2 things are wrong"), "{err}");
    let wrong = |content: &str, what: &str| {
        let path = kept(&data, content).display().to_string();
        assert!(out.lines().any(|line| line.starts_with(&path) && line.contains(what)), "{content}: {out}");
    };
    wrong("conteúdo um", "is missing");
    wrong("conteúdo dois", "is damaged");

    house.restart();
    let (code, out, _) = on(&data, &["check"]);
    assert_eq!(
        (code, out.matches(" is missing").count(), out.matches(" is damaged").count()),
        (Some(1), 1, 1),
        "{out}"
    );

    // Such files are left out of a backup, which says so, and everything else comes back.
    let away = tempfile::tempdir().unwrap();
    let (archive, twin) = (away.path().join("a.tar"), away.path().join("data"));
    let (code, out, err) = on(&data, &["backup", archive.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("1 files") && err.contains("some files are not in it"), "{out}{err}");
    let (code, _, err) = on(&twin, &["restore", archive.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(std::fs::read_to_string(kept(&twin, "conteúdo três")).unwrap(), "conteúdo três");
    assert!(!kept(&twin, "conteúdo dois").exists(), "a damaged file is never restored as if it were whole");
}

#[tokio::test]
async fn r9_the_index_is_made_anew_when_asked() {
    let mut house = House::open().await;
    house.stop();
    let data = house.data();
    assert!(data.join("search-1").exists());
    done(&data, &["reindex"]);
    assert!(!data.join("search-1").exists());
    house.restart();
    assert!(refused(&data, &["reindex"]).contains("stop it first"));
}

#[tokio::test]
async fn r9_a_backup_needs_a_house_and_makes_none() {
    let away = tempfile::tempdir().unwrap();
    for command in [&["backup", "x.tar"][..], &["check"], &["reindex"], &["restore", "--snapshot", "newest"]] {
        assert!(refused(&away.path().join("nada"), command).contains("is not a data directory"));
    }
    assert!(!away.path().join("nada").exists());
}
