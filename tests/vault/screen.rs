//! Sistema → Cópias de segurança.

use super::*;

#[tokio::test]
async fn r9_the_admin_takes_a_backup_home_from_the_browser() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let talk = queue(&admin, "Marta").await;
    say_with_file(&admin, talk, "segue", "o contrato").await;
    assert!(admin.get("/sistema/copias").await.text().contains("Ainda não há cópia fora desta máquina"));
    for password in ["", "não é esta senha"] {
        let no = admin.post("/sistema/copias/arquivo", &[("prova", password)]).await;
        assert_eq!(no.status, 422, "the password once more, right there");
        assert!(!no.body.windows(13).any(|part| part == b"manifest.json"));
    }
    let short = admin.post("/sistema/copias/arquivo", &[("prova", ADMIN.password), ("frase", "curta")]).await;
    assert_eq!(short.status, 422);

    let away = tempfile::tempdir().unwrap();
    for (phrase, ending) in [("", ".tar\""), ("casa amarela na praia", ".tar.age\"")] {
        let answer = admin.post("/sistema/copias/arquivo", &[("prova", ADMIN.password), ("frase", phrase)]).await;
        assert_eq!(answer.status, 200);
        let name = answer.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"balcao-") && name.ends_with(ending), "{name}");
        let (archive, secret) = (away.path().join(ending.trim_matches('"')), away.path().join("phrase"));
        std::fs::write(&archive, &answer.body).unwrap();
        std::fs::write(&secret, if phrase.is_empty() { "-" } else { phrase }).unwrap();
        let twin = away.path().join(format!("twin{}", phrase.len()));
        let [archive, secret] = [&archive, &secret].map(|path| path.to_str().unwrap());
        done(&twin, &["restore", archive, "--passphrase-file", secret]);
        done(&twin, &["check"]);
        assert_eq!(std::fs::read_to_string(kept(&twin, "o contrato")).unwrap(), "o contrato");
        admin.learn("/perfil").await;
    }
    eventually("the page knows of it", PATIENCE, || async {
        !admin.get("/sistema/copias").await.text().contains("Ainda não há cópia fora desta máquina")
    })
    .await;
    assert!(admin.get("/sistema/auditoria").await.text().contains("Exportou dados"), "and the audit");
}

#[tokio::test]
async fn r9_a_drill_restores_beside_compares_and_clears_up() {
    let house = House::open().await;
    let admin = Person::enter(&house.staff, ADMIN).await;
    let talk = queue(&admin, "Marta").await;
    say_with_file(&admin, talk, "segue", "o contrato").await;
    assert!(admin.get("/sistema/copias").await.text().contains("Ainda não foi testada"));
    assert_eq!(admin.post("/sistema/copias/teste", &[("x", "")]).await.status, 204);
    eventually("it passes", PATIENCE, || async { admin.get("/sistema/copias").await.text().contains("arquivos: 1).") })
        .await;
    assert!(!house.data().join("drill").exists(), "nothing is left of it");

    // It tells the truth about a file that rotted where it lies.
    std::fs::write(kept(&house.data(), "o contrato"), "o CONTRATO").unwrap();
    assert_eq!(admin.post("/sistema/copias/teste", &[("x", "")]).await.status, 204);
    eventually("it says so", PATIENCE, || async {
        admin.get("/sistema/copias").await.text().contains("Arquivos já danificados aqui: 1.")
    })
    .await;
}
