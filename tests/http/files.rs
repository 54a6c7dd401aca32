//! Q10: what may be uploaded, and how it is given back.

use crate::office::*;
use crate::world::{World, pdf, png, world};
use reqwest::Method;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn c04_c06_only_known_kinds_are_taken_whatever_they_call_themselves() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    let program = [b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice(), &[0; 200]].concat();
    for (name, bytes) in [
        ("desenho.svgz", packed(SVG)),
        ("desenho.png", packed(SVG)),
        ("marca.svg", [b"\xef\xbb\xbf", SVG].concat()),
        ("marca.png", [b"\xef\xbb\xbf", SVG].concat()),
        ("marca16.svg", [b"\xff\xfe".to_vec(), SVG.iter().flat_map(|byte| [*byte, 0]).collect()].concat()),
        ("declarado.jpg", [b"<?xml version=\"1.0\"?>\n<!-- a -->\n<!DOCTYPE svg>", SVG].concat()),
        ("pagina.xhtml", [b"<?xml version=\"1.0\"?>", XHTML].concat()),
        ("pagina.pdf", XHTML.to_vec()),
        ("arquivada.mht", MHT.to_vec()),
        ("arquivada.txt", MHT.to_vec()),
        ("dados.xml", b"<?xml version=\"1.0\"?><?xml-stylesheet href=\"x.xsl\" type=\"text/xsl\"?><a/>".to_vec()),
        ("folha.xsl", b"<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"/>".to_vec()),
        ("foto.jpeg", b"<html><body onload=alert(1)>".to_vec()),
        ("desenho.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec()),
        ("desenho.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec()),
        ("pagina.html", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("pagina.txt", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("foto.png", program.clone()),
        ("programa.exe", program),
        ("script.js", b"alert(1)".to_vec()),
        ("nada", vec![0; 1000]),
    ] {
        let answer = owner.upload(name, bytes).await;
        assert_eq!(answer.status, 415, "{name}: {}", answer.text());
    }
    let script = owner.upload("foto.gif", b"GIF89a=1;alert(1);//".to_vec()).await;
    assert!([413, 422].contains(&script.status), "a script that begins like a picture: {}", script.text());
    let answer = owner.upload("vazio.png", Vec::new()).await;
    assert_eq!((answer.status, answer.text().contains("vazio")), (422, true), "an empty file is called that");
    let mut broken = png(200, 200);
    broken.truncate(broken.len() / 2);
    let answer = owner.upload("meia.png", broken).await;
    assert_eq!(answer.status, 422, "half a picture: {}", answer.text());
    assert_eq!(owner.upload("foto.jpg", png(4, 4)).await.status, 200, "a picture under another picture's name");
}

const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
const XHTML: &[u8] = b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></html>";
const MHT: &[u8] =
    b"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n\
    --x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n--x--\r\n";

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn c06_a_file_is_what_its_bytes_are_and_not_what_the_request_calls_it() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    for called in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html; charset=utf-7", "image/png"] {
        let send = |name: &'static str, bytes: Vec<u8>| {
            let request = owner.raw(Method::POST, "/arquivos").query(&[("nome", name)]).header("content-type", called);
            owner.send(request.header("X-Fragment", "1").header("X-Csrf", owner.csrf()).body(bytes))
        };
        let page = send("pagina.png", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()).await;
        assert_eq!(page.status, 415, "{called}: {}", page.text());
        let picture = send("pagina.html", png(4, 4)).await;
        assert_eq!(picture.status, 200, "{called}: {}", picture.text());
        let json: serde_json::Value = serde_json::from_slice(&picture.body).unwrap();
        let kept = owner.get(&format!("/arquivos/{}", json["id"].as_str().unwrap())).await;
        assert_eq!((kept.header("content-type"), kept.header("x-content-type-options")), ("image/png", "nosniff"));
        let name = between(kept.header("content-disposition"), "filename=\"", "\"").unwrap().to_owned();
        assert!(name.ends_with(".png"), "{called}: {name}");
    }
}

#[tokio::test]
async fn a_document_has_twenty_five_megabytes_and_not_one_byte_more() {
    const MOST: usize = 25 * 1024 * 1024;
    let world = world();
    let owner = world.outsider(OWNER).await;
    let token = owner.uploaded("cheio.pdf", pdf(MOST)).await;
    let kept = owner.get(&format!("/arquivos/{token}")).await;
    assert!(kept.body == pdf(MOST), "it comes back as it was");
    let over = owner.upload("demais.pdf", pdf(MOST + 1)).await;
    assert_eq!(over.status, 413, "{}", over.text());
    let declared = owner.raw(Method::POST, "/arquivos?nome=x.pdf").header("X-Csrf", owner.csrf());
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 20]));
    let endless = futures_util::StreamExt::take(endless, 110);
    // The house may close before everything was sent: a refusal either way.
    if let Ok(answer) = owner.try_send(declared.body(reqwest::Body::wrap_stream(endless))).await {
        assert_eq!(answer.status, 413, "{}", answer.text());
    }
    let form = "x".repeat(1 << 20);
    let answer = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &[("texto", form.as_str())]).await;
    assert_eq!(answer.status, 413, "a form has a megabyte");
}

/// An MP4 box.
fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes(), &name[..], content].concat()
}

fn handler(kind: &[u8; 4]) -> Vec<u8> {
    boxed(b"hdlr", &[&[0; 8], &kind[..], &[0; 13]].concat())
}

#[tokio::test]
async fn q10_what_an_iphone_sends_is_taken_home_as_it_came_and_never_shown() {
    let world = World::open().await;
    let owner = world.outsider(OWNER).await;
    let meta = boxed(b"meta", &[&[0; 4], &handler(b"pict")[..], &boxed(b"iloc", &[0; 20])].concat());
    let photo = [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), meta, boxed(b"mdat", &[7; 900])].concat();
    let track = boxed(b"trak", &boxed(b"mdia", &handler(b"vide")));
    let film = [boxed(b"ftyp", b"qt  \0\0\0\0qt  "), boxed(b"mdat", &[7; 900]), boxed(b"moov", &track)].concat();
    let mut names = Vec::new();
    for (name, bytes, kind) in [("IMG_0042.HEIC", photo, "image/heic"), ("IMG_0043.MOV", film, "video/quicktime")] {
        let token = owner.uploaded(name, bytes.clone()).await;
        let answer = owner.get(&format!("/arquivos/{token}")).await;
        assert_eq!((answer.header("content-type"), answer.header("x-content-type-options")), (kind, "nosniff"));
        assert!(answer.header("content-disposition").starts_with("attachment;"), "{name}");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert!(answer.body == bytes, "as it came");
        assert_eq!(owner.get(&format!("/arquivos/{token}/previa")).await.status, 404, "nobody here decodes it");
        let path = format!("/conversas/{}/mensagens", world.owner_token);
        let said = owner.post(&path, &[("texto", ""), ("arquivo", &token)]).await;
        assert_eq!(said.status, 200, "{}", said.text());
        names.push((name, said.text()));
        let hidden = owner.upload(name, [&bytes[..], b"<script>alert(1)</script>"].concat()).await;
        assert_eq!(hidden.status, 415, "something behind it: {}", hidden.text());
    }
    for (name, said) in names {
        assert!(said.contains("class=\"file\"") && said.contains(&format!("download=\"{name}\"")), "{said}");
        assert!(!said.contains("<img") && !said.contains("<video"), "{said}");
    }
}

#[tokio::test]
async fn c02_c05_a_file_is_given_back_so_that_no_browser_runs_it() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    for (name, bytes, kind, inline) in
        [("planta.png", png(9, 9), "image/png", true), ("contrato.pdf", pdf(2_000), "application/pdf", false)]
    {
        let token = owner.uploaded(name, bytes).await;
        let answer = owner.get(&format!("/arquivos/{token}")).await;
        assert_eq!(answer.header("content-type"), kind);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        let disposition = answer.header("content-disposition");
        assert_eq!(disposition.starts_with("inline"), inline, "{disposition}");
        assert!(disposition.contains(name), "{disposition}");
        assert!(answer.header("cache-control").contains("private"), "no proxy keeps it");
    }
}

#[tokio::test]
async fn c03_c55_a_name_cannot_break_out_of_header_or_page() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    for odd in [
        "a\r\nSet-Cookie: x=y\r\n\r\n.pdf",
        "a\"; filename=\"b.exe",
        "<img src=x onerror=alert(1)>.pdf",
        "../../etc/passwd",
        "C:\\Windows\\x.pdf",
        "a\u{202e}fdp.exe",
        "\0\u{7f}.pdf",
        "",
        ".",
        "CON",
        "con.pdf",
        ".htaccess",
        "\u{200b}.htaccess",
        ".htaccess\u{200b}",
        "a.pdf\u{200b}.exe",
        "a.pdf. . ",
        "foto.png.exe",
        "a.pdf.html",
        "..\\..\\x.pdf",
        &"é".repeat(150),
        &"n".repeat(5_000),
        "ação – orçamento 100%.pdf",
    ] {
        let token = owner.uploaded(odd, pdf(200)).await;
        let answer = owner.get(&format!("/arquivos/{token}")).await;
        let disposition = answer.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\""), "{odd:?}: {disposition:?}");
        assert_eq!(answer.header("set-cookie"), "", "{odd:?}");
        let name = between(disposition, "filename=\"", "\"").unwrap();
        assert!(
            name.ends_with(".pdf") && name.len() <= 255 && !name.contains(['/', '\\', '\u{202e}', '\u{200b}']),
            "{odd:?}: {name:?}"
        );
        let form = [("texto", "segue"), ("arquivo", &token)];
        let said = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &form).await;
        assert_eq!(said.status, 200);
        assert!(!said.text().contains("<img src=x"), "{}", said.text());
    }
}

#[tokio::test]
async fn q10_a_player_may_ask_for_a_part() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    let all = pdf(10_000);
    let token = owner.uploaded("parte.pdf", all.clone()).await;
    let path = format!("/arquivos/{token}");
    let with = |name: &'static str, value: &str| owner.send(owner.raw(Method::GET, &path).header(name, value));
    for (asked, status, range, body) in [
        ("bytes=0-99", 206, "bytes 0-99/10000", &all[..100]),
        ("bytes=9990-", 206, "bytes 9990-9999/10000", &all[9990..]),
        ("bytes=-5", 206, "bytes 9995-9999/10000", &all[9995..]),
        ("bytes=10000-", 416, "bytes */10000", &all[..0]),
        ("bytes=5-2", 200, "", &all[..]),
        ("bytes=99999999999999999999-", 200, "", &all[..]),
    ] {
        let answer = with("range", asked).await;
        assert_eq!((answer.status, answer.header("content-range")), (status, range), "{asked}");
        assert!(answer.body == body, "{asked}: {} bytes", answer.body.len());
    }
    let tag = owner.get(&path).await.header("etag").to_owned();
    assert_eq!(with("if-none-match", &tag).await.status, 304);
    assert_eq!(with("if-none-match", "\"other\"").await.status, 200);
}

#[tokio::test]
async fn c18_a_revoked_access_opens_no_file_any_more() {
    let world = World::open().await;
    let (broker, owner) = (world.staff(BROKER).await, world.outsider(OWNER).await);
    let path = format!("/arquivos/{}", world.picture);
    assert_eq!(owner.get(&path).await.status, 200);
    let list = broker.get(&format!("/oportunidades/{}/acessos", world.deal)).await.text();
    let (_, row) = list.split_once(&format!("<b>{}</b>", OWNER.email)).unwrap();
    let id = between(row, "\"/acessos/", "/").unwrap();
    let revoked = broker.post(&format!("/acessos/{id}/revogacao"), &[("", "")]).await;
    assert_eq!(revoked.status, 200);
    for path in [path.clone(), format!("{path}/previa"), format!("/conversas/{}", world.owner_token)] {
        let answer = owner.get_fragment(&path).await;
        assert!([401, 404].contains(&answer.status), "{path}: {}", answer.status);
    }
    assert_eq!(broker.get(&path).await.status, 200, "what was said stays, inside");
}

#[tokio::test]
async fn a_message_takes_no_more_files_than_it_may() {
    let world = world();
    let owner = world.outsider(OWNER).await;
    let mut form = vec![("texto", "muitos".to_owned())];
    for _ in 0..60 {
        form.push(("arquivo", world.picture.clone()));
    }
    let said = owner.post(&format!("/conversas/{}/mensagens", world.owner_token), &form).await;
    assert_eq!(said.status, 422, "{}", said.text());
}

fn drafts(data: &Path) -> usize {
    std::fs::read_dir(data.join("files/tmp")).unwrap().count()
}

#[tokio::test]
async fn f31_whoever_vanishes_in_an_upload_leaves_nothing() {
    let world = World::open().await;
    let data = world.house.data();
    let owner = world.outsider(OWNER).await;
    let cookie = Person::cookie(&world.house.public, OWNER).await;
    let fresh = Person::at(&world.house.public);
    let page = fresh.send(fresh.raw(Method::GET, "/conversas?lista=1").header("cookie", &cookie)).await;
    let csrf = csrf_of(&page.text());
    let host = world.house.public.trim_start_matches("http://").to_owned();
    for part in [10, 50, 99] {
        let total = 20_000_000;
        let mut stream = TcpStream::connect(&host).unwrap();
        let head = format!(
            "POST /arquivos?nome=corte.pdf HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Csrf: {csrf}\r\nContent-Length: {total}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&pdf(total)[..total * part / 100]).unwrap();
        eventually("the draft is being written", PATIENCE, || async { drafts(&data) == 1 }).await;
        drop(stream);
        eventually("the draft is gone", Duration::from_secs(5), || async { drafts(&data) == 0 }).await;
    }
    assert_eq!(owner.upload("inteiro.pdf", pdf(1_000)).await.status, 200);
    assert_eq!(drafts(&data), 0);
}

#[tokio::test]
async fn c27_what_is_on_its_way_does_not_outlive_its_session() {
    let world = World::open().await;
    let (data, admin) = (world.house.data(), world.staff(ADMIN).await);
    let cookie = Person::cookie(&world.house.staff, BROKER).await;
    let broker = Person::at(&world.house.staff);
    let profile = broker.send(broker.raw(Method::GET, "/perfil").header("cookie", &cookie)).await;
    let (csrf, host) = (csrf_of(&profile.text()), world.house.staff.trim_start_matches("http://").to_owned());
    let bytes = pdf(20_000_000);
    let mut stream = TcpStream::connect(&host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /arquivos?nome=tarde.pdf HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Csrf: {csrf}\r\nX-Fragment: 1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&bytes[..bytes.len() / 2]).unwrap();
    eventually("the broker was let in", PATIENCE, || async { drafts(&data) == 1 }).await;

    let list = admin.get("/sistema/usuarios").await.text();
    let row = list.split("href=\"/sistema/usuarios/").find(|row| row.contains(BROKER.email)).unwrap();
    let off = format!("/sistema/usuarios/{}/desativacao", row.split('"').next().unwrap());
    let heir = [("conversas", ""), ("oportunidades", "1"), ("prova", ADMIN.password)];
    let gone = admin.post(&off, &heir).await;
    assert_eq!(gone.status, 204, "{}", gone.text());

    stream.write_all(&bytes[bytes.len() / 2..]).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.to_lowercase().contains("x-login: /entrar"), "{answer}");
}
