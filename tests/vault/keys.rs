//! R9: archives for the holders of a private age key. The keys are made, and the archives opened, by the real `age`.

use super::*;
use std::process::{Command, Output};

/// A key pair in a file, as `age-keygen` writes it.
pub struct Pair {
    dir: tempfile::TempDir,
    /// The public key.
    pub public: String,
}

impl Pair {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key.txt");
        tool("age-keygen", &["-o", file.to_str().unwrap()]);
        let text = std::fs::read_to_string(&file).unwrap();
        let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned();
        Self { dir, public }
    }

    /// The file's name.
    pub fn file(&self) -> String {
        self.dir.path().join("key.txt").to_str().unwrap().to_owned()
    }

    /// The private key itself.
    pub fn private(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap().lines().last().unwrap().to_owned()
    }
}

fn tool(name: &str, arguments: &[&str]) -> Output {
    let done = Command::new(name).args(arguments).output();
    let done = done.expect("this test needs the age tool: apt-get install age");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    done
}

/// A stopped house with a secret.
async fn house_with_secret() -> House {
    let mut house = House::open().await;
    house.stop();
    let secrets = house.data().join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("smtp-1"), "segredo").unwrap();
    house
}

/// How many may open it, by its header.
pub fn recipients(archive: &[u8]) -> usize {
    let head = archive.windows(5).position(|part| part == b"\n--- ").unwrap();
    String::from_utf8(archive[..head].to_vec()).unwrap().matches("\n-> X25519 ").count()
}

#[tokio::test]
async fn r9_a_backup_to_a_key_opens_with_its_private_key_alone() {
    let house = house_with_secret().await;
    let away = tempfile::tempdir().unwrap();
    let (anna, bela, other) = (Pair::new(), Pair::new(), Pair::new());
    let (archive, sealed, phrase) = (away.path().join("a.age"), away.path().join("b.age"), away.path().join("phrase"));
    std::fs::write(&phrase, "casa amarela\n").unwrap();
    let [archive, sealed, phrase] = [&archive, &sealed, &phrase].map(|path| path.to_str().unwrap());
    let said = done(&house.data(), &["backup", archive, "--recipient", &anna.public, "--recipient", &bela.public]);
    assert!(!said.contains("not in it"), "{said}");
    assert_eq!(recipients(&std::fs::read(archive).unwrap()), 2);

    let twin = away.path().join("twin");
    for (given, sentence) in [
        (vec![], "give the file of the private one with --identity"),
        (vec!["--passphrase-file", phrase], "give the file of the private one with --identity"),
        (vec!["--identity", &other.file()], "no key given with --identity opens this backup"),
        (vec!["--identity", &anna.file(), "--passphrase-file", phrase], "not both"),
    ] {
        let no = refused(&twin, &[&["restore", archive][..], &given].concat());
        assert!(no.contains(sentence), "{given:?}: {no}");
    }
    done(&house.data(), &["backup", sealed, "--passphrase-file", phrase]);
    let no = refused(&twin, &["restore", sealed, "--identity", &anna.file()]);
    assert!(no.contains("encrypted with a passphrase: give it with --passphrase-file"), "{no}");
    assert!(!twin.exists(), "nothing was made");

    for (n, files) in [vec![anna.file()], vec![other.file(), bela.file()]].iter().enumerate() {
        let twin = away.path().join(format!("twin{n}"));
        let given: Vec<&str> = files.iter().flat_map(|file| ["--identity", file.as_str()]).collect();
        done(&twin, &[&["restore", archive][..], &given].concat());
        done(&twin, &["check"]);
        assert_eq!(std::fs::read_to_string(twin.join("secrets/smtp-1")).unwrap(), "segredo");
    }
}

#[tokio::test]
async fn r9_a_bad_key_is_told_before_anything_is_written() {
    let house = house_with_secret().await;
    let (away, pair) = (tempfile::tempdir().unwrap(), Pair::new());
    let (archive, file) = (away.path().join("a.age"), away.path().join("file"));
    let [to, file] = [&archive, &file].map(|path| path.to_str().unwrap());
    let before = tree(&house.data());
    let (private, cut) = (pair.private(), &pair.public[..60]);
    for (key, sentence) in [
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "one begins with age1"),
        (cut, "one begins with age1"),
        ("", "one begins with age1"),
        (&private, "that is a private key: give the public one"),
    ] {
        let no = refused(&house.data(), &["backup", to, "--recipient", &pair.public, "--recipient", key]);
        assert!(no.contains(sentence) && !no.contains(&private), "{no}");
    }
    let data = house.data();
    let both = ["backup", to, "--recipient", &pair.public, "--data", data.to_str().unwrap()];
    let both = command(&both).env("BALCAO_PASSPHRASE", "casa amarela").output().unwrap();
    let no = String::from_utf8(both.stderr).unwrap();
    assert!(both.status.code() == Some(1) && no.contains("not both") && no.lines().count() == 1, "{no}");
    let many = ["--recipient", &pair.public].repeat(21);
    assert!(refused(&house.data(), &[&["backup", to][..], &many].concat()).contains("at most 20"));
    assert_eq!(tree(&house.data()), before, "no snapshot was taken");
    assert!(!archive.exists());

    done(&house.data(), &["backup", to, "--recipient", &pair.public]);
    let twin = away.path().join("twin");
    for (text, sentence) in [
        ("", "holds no private age key"),
        (pair.public.as_str(), "holds no private age key"),
        ("-----BEGIN AGE ENCRYPTED FILE-----\n", "is encrypted itself"),
    ] {
        std::fs::write(file, text).unwrap();
        let no = refused(&twin, &["restore", to, "--identity", file]);
        assert!(no.contains(sentence) && no.contains(file), "{no}");
    }
    assert!(refused(&twin, &["restore", to, "--identity", "/nada"]).contains("/nada cannot be read"));
    assert!(refused(&twin, &["restore", to, "--identity", "/dev/zero"]).contains("holds no private age key"));
    assert!(!twin.exists(), "nothing was made");
}

#[tokio::test]
async fn r9_the_age_tool_opens_what_the_house_sealed_and_the_other_way_round() {
    let house = house_with_secret().await;
    let (away, anna, bela) = (tempfile::tempdir().unwrap(), Pair::new(), Pair::new());
    let [ours, plain, theirs] = ["ours.age", "plain.tar", "theirs.age"].map(|name| away.path().join(name));
    let [ours, plain, theirs] = [&ours, &plain, &theirs].map(|path| path.to_str().unwrap());
    done(&house.data(), &["backup", ours, "--recipient", &anna.public]);
    tool("age", &["-d", "-i", &anna.file(), "-o", plain, ours]);
    let parts = hostile::parts(&std::fs::read(plain).unwrap());
    assert!(parts[0].0 == "manifest.json" && parts.iter().any(|(name, _)| name == "secrets/smtp-1"));

    tool("age", &["-r", &bela.public, "-r", &anna.public, "-o", theirs, plain]);
    for (n, pair) in [&anna, &bela].into_iter().enumerate() {
        let twin = away.path().join(format!("twin{n}"));
        done(&twin, &["restore", theirs, "--identity", &pair.file()]);
        assert_eq!(std::fs::read_to_string(twin.join("secrets/smtp-1")).unwrap(), "segredo");
    }
}

#[tokio::test]
async fn r9_the_admin_takes_a_backup_home_that_the_key_alone_opens() {
    const FORM: &str = "/sistema/copias/arquivo";
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let (anna, bela) = (Pair::new(), Pair::new());
    let private = anna.private();
    let both = format!("{} {}", anna.public, bela.public);
    for (phrase, key, sentence) in [
        ("", "age1nada", "Não é uma chave pública age"),
        ("", private.as_str(), "Esta é a chave privada"),
        ("", &format!("{} {private}", anna.public), "Esta é a chave privada"),
        ("casa amarela na praia", &anna.public, "a frase ou a chave, não as duas"),
        ("", &format!("{both} ").repeat(11), "No máximo 20"),
    ] {
        let no = admin.post(FORM, &[("prova", ADMIN.password), ("frase", phrase), ("chave", key)]).await;
        let page = no.text();
        assert!(no.status == 422 && page.contains("chave-erro") && page.contains(sentence), "{key}: {page}");
        assert!(!page.contains(&private), "a private key is not shown again");
    }
    let again = admin.post(FORM, &[("prova", "não é esta"), ("chave", &anna.public)]).await;
    assert!(again.status == 422 && again.text().contains(&format!("value=\"{}\"", anna.public)), "it stays typed");

    admin.learn("/perfil").await;
    let answer = admin.post(FORM, &[("prova", ADMIN.password), ("chave", &format!(" {both} "))]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-disposition").ends_with(".tar.age\""));
    assert_eq!(recipients(&answer.body), 2);
    let away = tempfile::tempdir().unwrap();
    let (archive, twin) = (away.path().join("a.age"), away.path().join("twin"));
    std::fs::write(&archive, &answer.body).unwrap();
    done(&twin, &["restore", archive.to_str().unwrap(), "--identity", &bela.file()]);
    done(&twin, &["check"]);
}
