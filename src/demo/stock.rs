//! The files that are sent in the demo: each made once, kept like any upload, and sent as often as a script says.

use super::drawings::{self, Scene};
use super::script::FileKind;
use super::{papers, talks};
use crate::domain::attachment::{Preview, Stored};
use crate::media::{Kind, picture};
use crate::store::files::Files;
use image::ImageFormat;
use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;

/// Kept files by the name a script sends them under; photographs go several at once.
pub(super) type Stock = HashMap<&'static str, Vec<Stored>>;

/// What a script calls one file of photographs is sent as these.
const PHOTOS: &[(&str, &[(&str, Scene)])] = &[
    (
        "Fotos do imóvel.pdf",
        &[("Fachada.jpg", Scene::House), ("Sala.jpg", Scene::Room), ("Área de lazer.jpg", Scene::Pool)],
    ),
    ("Fotos da entrega.pdf", &[("Sala vazia.jpg", Scene::Room), ("Frente.jpg", Scene::House)]),
];

/// Makes and keeps every file the scripts name. Blocks.
pub(super) fn keep(files: &Files) -> anyhow::Result<Stock> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let names: BTreeSet<&'static str> =
        (talks::all().into_iter()).flat_map(|script| script.steps).filter_map(|step| step.file).collect();
    // All at once: the disk makes many files durable in hardly more time than one.
    let kept = futures_util::future::try_join_all(names.into_iter().map(|name| named(files, name)));
    Ok(runtime.block_on(kept)?.into_iter().collect())
}

async fn named(files: &Files, name: &'static str) -> anyhow::Result<(&'static str, Vec<Stored>)> {
    let mut kept = Vec::new();
    match PHOTOS.iter().find(|(one, _)| *one == name) {
        Some((_, photos)) => {
            for (name, scene) in *photos {
                kept.push(photo(files, name, *scene, Kind::Jpeg).await?);
            }
        }
        None => kept.push(match super::script::file_kind(name) {
            FileKind::Png => photo(files, name, scene_of(name), Kind::Png).await?,
            FileKind::Pdf => bytes(files, name, Kind::Pdf, &papers::pdf(name)).await?,
            FileKind::Txt => bytes(files, name, Kind::Txt, papers::text(name).as_bytes()).await?,
        }),
    }
    Ok((name, kept))
}

fn scene_of(name: &str) -> Scene {
    let first = name.split([' ', '.']).next().unwrap_or(name);
    match first {
        "Planta" => Scene::Plan,
        "Mancha" => Scene::Stain,
        "Foto" if name.contains("estadia") => Scene::Pool,
        "Foto" => Scene::Room,
        "Anúncio" => Scene::House,
        _ => Scene::Receipt,
    }
}

async fn bytes(files: &Files, name: &str, kind: Kind, bytes: &[u8]) -> anyhow::Result<Stored> {
    let mut draft = files.draft();
    draft.write(bytes).await?;
    let hash = draft.keep().await?.to_string();
    Ok(Stored { name: name.into(), kind: kind.key().into(), hash, bytes: bytes.len() as u64, preview: None })
}

/// A drawing, on the road of every picture: only what was written anew is kept, with its preview.
async fn photo(files: &Files, name: &str, scene: Scene, kind: Kind) -> anyhow::Result<Stored> {
    let format = if kind == Kind::Png { ImageFormat::Png } else { ImageFormat::Jpeg };
    let mut drawn = Cursor::new(Vec::new());
    drawings::draw(scene).write_to(&mut drawn, format)?;
    let mut draft = files.draft();
    draft.write(drawn.get_ref()).await?;
    let safe = picture::make_safe(&draft.written().await?, kind)?;
    let full = bytes(files, name, safe.full.kind, &safe.full.bytes).await?;
    let small = bytes(files, name, safe.thumb.kind, &safe.thumb.bytes).await?;
    let preview = Preview { hash: small.hash, kind: small.kind, width: safe.full.width, height: safe.full.height };
    Ok(Stored { preview: Some(preview), ..full })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sniff;

    #[test]
    fn every_file_of_the_scripts_is_there_and_is_what_it_says() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = Files::open(dir.path()).expect("files");
        let stock = keep(&files).expect("kept");
        assert!(stock.len() > 40, "{}", stock.len());
        let mut pictures = BTreeSet::new();
        for one in stock.values().flatten() {
            let path = files.path(&one.hash.parse().expect("a hash"));
            let mut file = std::fs::File::open(&path).expect("kept");
            assert_eq!(file.metadata().expect("there").len(), one.bytes, "{}", one.name);
            let kind = sniff::sniff(&mut file, &one.name).expect("readable").expect("a kind we take");
            assert_eq!(kind.key(), one.kind, "{}", one.name);
            let fits = kind.extensions().iter().any(|extension| one.name.ends_with(&format!(".{extension}")));
            assert!(fits, "{}", one.name);
            if let Some(preview) = &one.preview {
                assert!(files.path(&preview.hash.parse().expect("a hash")).exists());
                assert_eq!((preview.width, preview.height), (720, 540));
                pictures.insert(one.hash.clone());
            }
        }
        assert!((6..=12).contains(&pictures.len()), "{}", pictures.len());
    }
}
