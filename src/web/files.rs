//! Uploads and downloads (Q10): streamed to disk, known by content, pictures made safe, and never served as something
//! a browser would run.

use super::answer::{self, Reply};
use super::ask::Ask;
use crate::domain::attachment::{self, Attachment, Preview, Stored};
use crate::domain::{No, Viewer};
use crate::media::name::{clean_name, disposition, name_for};
use crate::media::picture::{self, PictureError};
use crate::media::{Class, Kind, sniff};
use crate::store::Fault;
use crate::store::files::{Draft, Files, Hash};
use crate::words::Words;
use poem::http::{HeaderMap, StatusCode, header};
use poem::{Body, Response};
use serde_json::json;
use std::io::SeekFrom;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes any upload may have: the most of any kind.
pub const UPLOAD_BYTES_MAX: u64 = 100 * 1024 * 1024;
/// Bytes read from the network at once.
const PIECE: usize = 64 * 1024;
/// How often an upload looks whether there is still room.
const ROOM_EVERY: u64 = 8 * 1024 * 1024;
/// What is left free on the disk, whatever is uploaded (ASVS 5.1).
const FREE_BYTES_MIN: u64 = 1 << 30;

/// Why an upload was not taken.
enum Unfit {
    Empty,
    Kind,
    Large,
    Picture,
    Full,
    Cut,
    Failed(No),
}

impl From<std::io::Error> for Unfit {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(fault(&error).into())
    }
}

fn fault(error: &std::io::Error) -> Fault {
    Fault::Storage(error.to_string())
}

/// Takes one file: the raw body is its bytes, `?nome=` its name. Answers who it is, as JSON.
pub async fn upload(mut ask: Ask<Viewer>) -> Reply {
    let name = clean_name(ask.query.text("nome"));
    let stored = match receive(&ask.desk.files, ask.desk.dir(), ask.request.take_body(), &name).await {
        Ok(stored) => stored,
        Err(unfit) => return refuse(ask.w, unfit),
    };
    let viewer = ask.who.clone();
    let file = ask.write(move |tx| attachment::add(tx, &viewer, &stored)).await?;
    Ok(answer::json(&json!({ "id": file.token, "name": file.name, "size": file.bytes })))
}

fn refuse(w: Words, unfit: Unfit) -> Reply {
    let (status, text) = match unfit {
        Unfit::Empty => (StatusCode::UNPROCESSABLE_ENTITY, w.file_empty()),
        Unfit::Kind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, w.file_kind_refused()),
        Unfit::Large => (StatusCode::PAYLOAD_TOO_LARGE, w.too_big()),
        Unfit::Picture => (StatusCode::UNPROCESSABLE_ENTITY, w.picture_broken()),
        Unfit::Full => (StatusCode::INSUFFICIENT_STORAGE, w.disk_full()),
        Unfit::Cut => (StatusCode::BAD_REQUEST, w.upload_cut()),
        Unfit::Failed(no) => return Err(no),
    };
    Ok(answer::sentence(status, text))
}

/// The road of an upload: a draft on disk, sniffed there, and kept; of pictures only what we wrote ourselves.
async fn receive(files: &Files, dir: &std::path::Path, body: Body, name: &str) -> Result<Stored, Unfit> {
    let mut draft = files.draft();
    let mut reader = body.into_async_read();
    let mut piece = vec![0; PIECE];
    let mut looked_at = 0;
    loop {
        let n = reader.read(&mut piece).await.map_err(|_| Unfit::Cut)?;
        if n == 0 {
            break;
        }
        if draft.bytes() >= looked_at {
            looked_at = draft.bytes() + ROOM_EVERY;
            if crate::store::files::room(dir)?.free_bytes < FREE_BYTES_MIN {
                return Err(Unfit::Full);
            }
        }
        draft.write(&piece[..n]).await?;
        if draft.bytes() > UPLOAD_BYTES_MAX {
            return Err(Unfit::Large);
        }
    }
    if draft.bytes() == 0 {
        return Err(Unfit::Empty);
    }
    let path = draft.written().await?;
    let (at, called) = (path.clone(), name.to_owned());
    let kind = blocking(move || sniff::sniff(&mut std::fs::File::open(at)?, &called)).await??.ok_or(Unfit::Kind)?;
    if draft.bytes() > kind.bytes_max() {
        return Err(Unfit::Large);
    }
    if kind.class() == Class::Picture {
        return keep_picture(files, path, kind, draft, name).await;
    }
    let bytes = draft.bytes();
    let hash = draft.keep().await?;
    Ok(Stored { name: name_for(name, kind), kind: kind.key().into(), hash: hash.to_string(), bytes, preview: None })
}

async fn keep_picture(
    files: &Files,
    path: std::path::PathBuf,
    kind: Kind,
    draft: Draft,
    name: &str,
) -> Result<Stored, Unfit> {
    let safe = blocking(move || picture::make_safe(&path, kind)).await?.map_err(|error| match error {
        PictureError::TooLarge => Unfit::Large,
        PictureError::Broken(_) => Unfit::Picture,
        PictureError::Io(error) => error.into(),
    })?;
    drop(draft);
    let hash = keep_bytes(files, &safe.full.bytes).await?;
    let preview = Preview {
        hash: keep_bytes(files, &safe.thumb.bytes).await?.to_string(),
        kind: safe.thumb.kind.key().into(),
        width: safe.full.width,
        height: safe.full.height,
    };
    let (kind, bytes) = (safe.full.kind, safe.full.bytes.len() as u64);
    Ok(Stored {
        name: name_for(name, kind),
        kind: kind.key().into(),
        hash: hash.to_string(),
        bytes,
        preview: Some(preview),
    })
}

/// Keeps bytes that are already in memory.
pub async fn keep_bytes(files: &Files, bytes: &[u8]) -> std::io::Result<Hash> {
    let mut draft = files.draft();
    draft.write(bytes).await?;
    draft.keep().await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unfit> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Unfit::Failed(Fault::Panicked.into()))
}

/// Gives a file, or the part of it that is asked for.
pub async fn download(ask: Ask<Viewer>) -> Reply {
    let file = attachment::visible(&ask.desk.look()?, &ask.who, ask.param("token"))?;
    serve(&ask.desk.files, ask.request.headers(), &file.hash, file.bytes, &kept_as(&file)).await
}

/// Gives a picture's preview.
pub async fn preview(ask: Ask<Viewer>) -> Reply {
    let file = attachment::visible(&ask.desk.look()?, &ask.who, ask.param("token"))?;
    let preview = file.preview.ok_or(crate::domain::Refusal::NotFound)?;
    let mime = Kind::from_key(&preview.kind).map_or("image/jpeg", Kind::mime);
    let hash: Hash = preview.hash.parse().map_err(|_| Fault::Encoding("a file's hash".into()))?;
    let (opened, bytes) = ask.desk.files.read(&hash).await.map_err(|error| fault(&error))?;
    drop(opened);
    serve(
        &ask.desk.files,
        ask.request.headers(),
        &hash.to_string(),
        bytes,
        &KeptAs { mime, inline: true, name: "previa.jpg" },
    )
    .await
}

struct KeptAs<'f> {
    mime: &'static str,
    inline: bool,
    name: &'f str,
}

/// Pictures (which we wrote), sounds and films are shown in the page; everything else is only ever taken home.
fn kept_as(file: &Attachment) -> KeptAs<'_> {
    let kind = Kind::from_key(&file.kind);
    let inline = kind.is_some_and(Kind::is_shown);
    KeptAs { mime: kind.map_or("application/octet-stream", Kind::mime), inline, name: &file.name }
}

async fn serve(files: &Files, headers: &HeaderMap, hash: &str, bytes: u64, kept: &KeptAs<'_>) -> Reply {
    let tag = format!("\"{}\"", &hash[..hash.len().min(32)]);
    let hash: Hash = hash.parse().map_err(|_| Fault::Encoding("a file's hash".into()))?;
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, kept.mime)
        .header(header::CONTENT_DISPOSITION, disposition(kept.name, kept.inline))
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .header(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, &tag);
    if headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str()) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let (mut file, length) = files.read(&hash).await.map_err(|error| fault(&error))?;
    if length != bytes {
        return Err(Fault::Storage(format!("file {hash} has {length} bytes instead of {bytes}")).into());
    }
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).map(|asked| range(asked, length));
    match range {
        None | Some(Range::Whole) => {
            Ok(response.header(header::CONTENT_LENGTH, length).body(Body::from_async_read(file)))
        }
        Some(Range::Nothing) => {
            let all = format!("bytes */{length}");
            Ok(response.status(StatusCode::RANGE_NOT_SATISFIABLE).header(header::CONTENT_RANGE, all).finish())
        }
        Some(Range::Part(first, last)) => {
            file.seek(SeekFrom::Start(first)).await.map_err(|error| fault(&error))?;
            response = response
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))
                .header(header::CONTENT_LENGTH, last - first + 1);
            Ok(response.body(Body::from_async_read(file.take(last - first + 1))))
        }
    }
}

/// What part of a file is asked for (RFC 9110, 14).
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// All of it: nothing asked, or something we need not understand.
    Whole,
    /// From this byte to that, both included.
    Part(u64, u64),
    /// Beyond its end.
    Nothing,
}

fn range(asked: &str, length: u64) -> Range {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|one| one.split_once('-')) else {
        return Range::Whole;
    };
    if last.contains(',') {
        return Range::Whole;
    }
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= length => Range::Nothing,
        (Ok(first), Ok(last)) if last >= first => Range::Part(first, last.min(length - 1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Range::Part(first, length - 1),
        (Err(_), Ok(0)) if first.trim().is_empty() => Range::Nothing,
        (Err(_), Ok(tail)) if first.trim().is_empty() && length > 0 => {
            Range::Part(length - tail.min(length), length - 1)
        }
        _ => Range::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, range};

    #[test]
    fn q10_audio_and_video_seek() {
        for (asked, answer) in [
            ("bytes=0-99", Range::Part(0, 99)),
            ("bytes=0-", Range::Part(0, 999)),
            ("bytes=990-2000", Range::Part(990, 999)),
            ("bytes=-10", Range::Part(990, 999)),
            ("bytes=-5000", Range::Part(0, 999)),
            ("bytes=1000-", Range::Nothing),
            ("bytes=-0", Range::Nothing),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,5-6", Range::Whole),
            ("lines=1-2", Range::Whole),
            ("bytes=a-b", Range::Whole),
        ] {
            assert_eq!(range(asked, 1000), answer, "{asked}");
        }
        assert_eq!(range("bytes=0-", 0), Range::Nothing);
    }
}
