//! R9: backups that the house makes by itself into a folder.

use super::*;
use std::os::unix::fs::PermissionsExt;

const PAGE: &str = "/sistema/copias";
const FORM: &str = "/sistema/copias/pasta";

fn form<'f>(folder: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut form = vec![("pasta", folder), ("hora", "03:30"), ("guardar", "2"), ("prova_diaria", ADMIN.password)];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form.extend(more);
    form
}

fn in_folder(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Waits for so many whole backups, the try that follows being over.
async fn until_made(admin: &Person, folder: &Path, many: usize) -> Vec<String> {
    eventually("the backups are there", PATIENCE, || async {
        let names = in_folder(folder);
        let whole = names.iter().all(|name| !name.ends_with(".part") && !name.starts_with('.'));
        whole && names.len() == many && !admin.get(PAGE).await.text().contains("está sendo feita")
    })
    .await;
    in_folder(folder)
}

#[tokio::test]
async fn r9_the_house_makes_its_backup_in_the_folder_and_reads_it_back() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let talk = queue(&admin, "Marta").await;
    say_with_file(&admin, talk, "segue", "o contrato").await;
    let away = tempfile::tempdir().unwrap();
    let folder = away.path().join("cópias do escritório");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(admin.post(FORM, &form(folder.to_str().unwrap(), &[])).await.status, 204);
    let names = until_made(&admin, &folder, 1).await;
    assert!(names[0].starts_with("balcao-") && names[0].ends_with(".tar"), "{names:?}");
    let mode = std::fs::metadata(folder.join(&names[0])).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    let page = admin.get(PAGE).await.text();
    assert!(page.contains("lida de volta e idêntica") && page.contains(&names[0]), "{page}");
    assert!(page.contains("no mesmo disco que os dados"), "it is honest: {page}");
    assert!(page.contains("Ainda não há cópia fora desta máquina"), "one on the same disk calms nobody");
    assert!(admin.get("/sistema/auditoria").await.text().contains("Cópias de segurança: ligado"), "and the audit");

    let twin = away.path().join("twin");
    done(&twin, &["restore", folder.join(&names[0]).to_str().unwrap()]);
    done(&twin, &["check"]);
    assert_eq!(std::fs::read_to_string(kept(&twin, "o contrato")).unwrap(), "o contrato");
}

#[tokio::test]
async fn r9_of_the_folder_only_the_houses_own_old_backups_go() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let away = tempfile::tempdir().unwrap();
    let foreign = ["balcao-2020-01-01-0330-outra.tar", "férias.jpg"];
    foreign.iter().for_each(|name| std::fs::write(away.path().join(name), "de outra pessoa").unwrap());
    assert_eq!(admin.post(FORM, &form(away.path().to_str().unwrap(), &[])).await.status, 204);
    let mut seen = until_made(&admin, away.path(), 3).await;
    for many in [4, 4, 4] {
        assert_eq!(admin.post("/sistema/copias/pasta/agora", &[("x", "")]).await.status, 204);
        eventually("another is there", PATIENCE, || async { in_folder(away.path()) != seen }).await;
        seen = until_made(&admin, away.path(), many).await;
    }
    for name in foreign {
        assert_eq!(std::fs::read_to_string(away.path().join(name)).unwrap(), "de outra pessoa");
    }
}

#[tokio::test]
async fn r9_a_folder_that_does_not_fit_is_told_in_a_sentence_and_stays_typed() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let away = tempfile::tempdir().unwrap();
    let (inside, missing) = (house.data().join("files"), away.path().join("nada"));
    for (folder, more, sentence) in [
        ("copias", vec![], "a partir da raiz"),
        ("", vec![], "Preencha"),
        (inside.to_str().unwrap(), vec![], "dentro da pasta dos dados"),
        (missing.to_str().unwrap(), vec![], "não existe nesta máquina"),
        ("/proc", vec![], "não pode escrever nesta pasta"),
        (away.path().to_str().unwrap(), vec![("hora", "25:00")], "hora-erro"),
        (away.path().to_str().unwrap(), vec![("guardar", "0")], "guardar-erro"),
        (away.path().to_str().unwrap(), vec![("guardar", "366")], "guardar-erro"),
        (away.path().to_str().unwrap(), vec![("frase_diaria", "curta")], "frase_diaria-erro"),
    ] {
        let no = admin.post(FORM, &form(folder, &more)).await;
        assert_eq!(no.status, 422, "{folder} {more:?}");
        let page = no.text();
        assert!(page.contains(sentence) && page.contains(&format!("value=\"{folder}\"")), "{sentence}: {page}");
    }
    assert!(in_folder(away.path()).is_empty(), "nothing is left of the tries");
    assert_eq!(admin.post("/sistema/copias/pasta/agora", &[("x", "")]).await.status, 404);
    assert!(!house.data().join("secrets").exists() || in_folder(&house.data().join("secrets")).is_empty());
    let broker = Person::enter(&house.staff, BROKER).await;
    assert_eq!(broker.post(FORM, &form(away.path().to_str().unwrap(), &[])).await.status, 403);
}

#[tokio::test]
async fn r9_choosing_the_folder_asks_for_the_password_once_more() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let away = tempfile::tempdir().unwrap();
    for password in ["", "não é esta senha"] {
        let no = admin.post(FORM, &form(away.path().to_str().unwrap(), &[("prova_diaria", password)])).await;
        assert_eq!(no.status, 422, "{password}");
    }
    assert!(in_folder(away.path()).is_empty());
}

#[tokio::test]
async fn r9_with_a_passphrase_they_are_encrypted_and_hold_the_secrets() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let away = tempfile::tempdir().unwrap();
    let (folder, phrase) = (away.path().join("c"), "casa amarela na praia");
    std::fs::create_dir(&folder).unwrap();
    let sealed = form(folder.to_str().unwrap(), &[("frase_diaria", phrase)]);
    assert_eq!(admin.post(FORM, &sealed).await.status, 204);
    let names = until_made(&admin, &folder, 1).await;
    assert!(names[0].ends_with(".tar.age"), "{names:?}");
    let secrets = in_folder(&house.data().join("secrets"));
    let secret = house.data().join("secrets").join(secrets.iter().find(|name| name.starts_with("backup-")).unwrap());
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!admin.get(PAGE).await.text().contains(phrase), "no page shows it");

    let (file, twin) = (away.path().join("phrase"), away.path().join("twin"));
    std::fs::write(&file, phrase).unwrap();
    let archive = folder.join(&names[0]);
    let [archive, file] = [&archive, &file].map(|path| path.to_str().unwrap());
    done(&twin, &["restore", archive, "--passphrase-file", file]);
    assert!(twin.join("secrets").exists(), "the secrets came back");

    // Empty, it stays; given up, it goes.
    admin.learn(PAGE).await;
    assert_eq!(admin.post(FORM, &form(folder.to_str().unwrap(), &[])).await.status, 204);
    assert!(secret.exists());
    assert_eq!(admin.post(FORM, &form(folder.to_str().unwrap(), &[("sem_frase", "sim")])).await.status, 204);
    assert!(!secret.exists());
}

#[tokio::test]
async fn r9_a_folder_that_went_away_is_told_and_a_restart_goes_on() {
    let mut house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let away = tempfile::tempdir().unwrap();
    let (folder, gone) = (away.path().join("disco"), away.path().join("fora"));
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(admin.post(FORM, &form(folder.to_str().unwrap(), &[])).await.status, 204);
    let first = until_made(&admin, &folder, 1).await;
    std::fs::rename(&folder, &gone).unwrap();
    assert_eq!(admin.post("/sistema/copias/pasta/agora", &[("x", "")]).await.status, 204);
    eventually("it says so", PATIENCE, || async {
        admin.get(PAGE).await.text().contains("Esta pasta não existe nesta máquina. O disco está ligado?")
    })
    .await;
    house.stop();
    std::fs::rename(&gone, &folder).unwrap();

    // The machine was off for three days: what it notes says so, and the next start makes up for it.
    let notes = house.data().join("snapshots/notes.json");
    let mut told: serde_json::Value = serde_json::from_slice(&std::fs::read(&notes).unwrap()).unwrap();
    let days = 3 * 86_400_000;
    told["failed"] = serde_json::Value::Null;
    told["made"][0]["at"] = serde_json::json!(told["made"][0]["at"].as_i64().unwrap() - days);
    std::fs::write(&notes, told.to_string()).unwrap();
    // A try that was cut off left its draft.
    let cut = folder.join("balcao-cortada.tar.part");
    std::fs::write(&cut, "meia").unwrap();
    told["begun"] = serde_json::json!(cut.to_str().unwrap());
    std::fs::write(&notes, told.to_string()).unwrap();
    house.restart();
    let admin = Person::enter(&house.staff, ADMIN).await;
    let both = until_made(&admin, &folder, 2).await;
    assert!(both.contains(&first[0]), "the old one stays: {both:?}");
    assert!(admin.get(PAGE).await.text().contains("Última cópia boa"));
}

#[tokio::test]
async fn r9_with_a_public_key_they_are_read_back_and_then_only_the_private_one_opens_them() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let (away, pair) = (tempfile::tempdir().unwrap(), keys::Pair::new());
    let (folder, phrase) = (away.path().join("c"), "casa amarela na praia");
    std::fs::create_dir(&folder).unwrap();
    let folder_name = folder.to_str().unwrap();
    for (more, sentence) in [
        (vec![("chave_diaria", "age1nada")], "Não é uma chave pública age"),
        (vec![("chave_diaria", pair.public.as_str()), ("frase_diaria", phrase)], "não as duas"),
    ] {
        let no = admin.post(FORM, &form(folder_name, &more)).await;
        assert!(no.status == 422 && no.text().contains(sentence), "{more:?}: {}", no.text());
    }
    let private = pair.private();
    let no = admin.post(FORM, &form(folder_name, &[("chave_diaria", &private)])).await;
    assert!(no.status == 422 && !no.text().contains(&private), "a private key is not shown again");
    assert!(in_folder(&folder).is_empty());

    assert_eq!(admin.post(FORM, &form(folder_name, &[("chave_diaria", &pair.public)])).await.status, 204);
    let names = until_made(&admin, &folder, 1).await;
    assert!(names[0].ends_with(".tar.age"), "{names:?}");
    let page = admin.get(PAGE).await.text();
    assert!(page.contains("lida de volta e idêntica") && page.contains("só a chave privada a abre"), "{page}");
    assert!(page.contains(&pair.public), "the page says for whom");
    let secrets = house.data().join("secrets");
    assert!(!secrets.exists() || in_folder(&secrets).iter().all(|name| !name.starts_with("backup-")), "no key is kept");
    let archive = folder.join(&names[0]);
    assert_eq!(keys::recipients(&std::fs::read(&archive).unwrap()), 1, "nobody but whom the admin named");
    let twin = away.path().join("twin");
    let archive = archive.to_str().unwrap();
    assert!(refused(&twin, &["restore", archive]).contains("--identity"));
    done(&twin, &["restore", archive, "--identity", &pair.file()]);
    done(&twin, &["check"]);

    // With both fields empty it stays; a passphrase takes its place; given up, it is a plain one again.
    let text = async |more: &[(&str, &str)]| {
        admin.learn(PAGE).await;
        assert_eq!(admin.post(FORM, &form(folder_name, more)).await.status, 204);
        admin.get(PAGE).await.text()
    };
    assert!(text(&[]).await.contains(&pair.public));
    let page = text(&[("frase_diaria", phrase)]).await;
    assert!(!page.contains(&pair.public) && page.contains("Uma frase está guardada"), "{page}");
    assert!(in_folder(&secrets).iter().any(|name| name.starts_with("backup-")));
    let page = text(&[("chave_diaria", &pair.public)]).await;
    assert!(page.contains(&pair.public) && !page.contains("Uma frase está guardada"), "{page}");
    assert!(in_folder(&secrets).iter().all(|name| !name.starts_with("backup-")), "the passphrase is forgotten");
    let page = text(&[("sem_frase", "sim")]).await;
    assert!(!page.contains(&pair.public) && !page.contains("Não cifrar mais"), "{page}");
}
