use std::io::Write;
use std::time::{Duration, Instant};

use image::{Delay, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

const RED: Rgb<u8> = Rgb([220, 20, 20]);
const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

fn make(bytes: &[u8], kind: Kind) -> Result<Safe, PictureError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    make_safe(file.path(), kind)
}

fn read(picture: &Picture) -> DynamicImage {
    let format = match picture.kind {
        Kind::Png => ImageFormat::Png,
        Kind::Gif => ImageFormat::Gif,
        _ => ImageFormat::Jpeg,
    };
    let image = image::load_from_memory_with_format(&picture.bytes, format).unwrap();
    assert_eq!((image.width(), image.height()), (picture.width, picture.height));
    image
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|it| it == part)
}

fn near(seen: Rgba<u8>, wanted: Rgb<u8>) -> bool {
    seen.0.iter().zip(wanted.0).all(|(a, b)| a.abs_diff(b) < 40)
}

/// Red on the left, blue on the right.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE })
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// EXIF of a telephone: held sideways, and where.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend([1, 0, 1, 0, 2, 0, 4, 0, 0, 0]);
    tiff.extend(b"GPS-23.5505");
    tiff
}

fn jpeg_with_everything(orientation: u8) -> Vec<u8> {
    let segment = |mark: u8, content: &[u8]| {
        let size = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, mark][..], &size, content].concat()
    };
    let plain = encoded(two_halves(80, 40), ImageFormat::Jpeg);
    let preview = segment(0xe1, b"Exif-preview\xff\xd8 small \xff\xd9");
    [
        &plain[..2],
        &segment(0xe1, &[b"Exif\0\0", &exif(orientation)[..]].concat()),
        &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Ana</x:xmpmeta>"),
        &segment(0xe2, b"ICC_PROFILE\0\x01\x01secret"),
        &segment(0xfe, b"shot by Ana"),
        &preview,
        &plain[2..],
        b"<html><script>alert(1)</script>",
    ]
    .concat()
}

#[test]
fn a_photograph_loses_all_but_its_pixels_and_stands_upright() {
    let raw = jpeg_with_everything(6);
    let told: [&[u8]; 8] = [b"GPS", b"Exif", b"xmpmeta", b"ICC_PROFILE", b"Ana", b"<script>", b"\xff\xe1", b"\xff\xfe"];
    assert!(told.iter().all(|part| holds(&raw, part)), "the fixture holds what must go");
    let safe = make(&raw, Kind::Jpeg).unwrap();
    for picture in [&safe.full, &safe.thumb] {
        assert!(!told.iter().any(|part| holds(&picture.bytes, part)));
        assert_eq!((picture.kind, picture.width, picture.height), (Kind::Jpeg, 40, 80));
        let image = read(picture).into_rgba8();
        assert!(near(*image.get_pixel(20, 5), RED) && near(*image.get_pixel(20, 75), BLUE), "turned clockwise");
    }
    let straight = make(&jpeg_with_everything(1), Kind::Jpeg).unwrap();
    assert_eq!((straight.full.width, straight.full.height), (80, 40));
}

#[test]
fn a_large_photograph_is_made_smaller() {
    let safe = make(&encoded(two_halves(4000, 1000), ImageFormat::Jpeg), Kind::Jpeg).unwrap();
    assert_eq!((safe.full.width, safe.full.height), (2560, 640));
    assert_eq!((safe.thumb.width, safe.thumb.height), (480, 120));
    read(&safe.full);
    let thumb = read(&safe.thumb).into_rgba8();
    assert!(near(*thumb.get_pixel(10, 60), RED) && near(*thumb.get_pixel(470, 60), BLUE));
}

#[test]
fn a_grey_photograph_stays_grey() {
    let grey = DynamicImage::from(two_halves(32, 32)).into_luma8();
    let safe = make(&encoded(grey, ImageFormat::Jpeg), Kind::Jpeg).unwrap();
    assert!(!read(&safe.full).color().has_color());
}

#[test]
fn a_png_stays_a_png_without_its_texts() {
    let clear = RgbaImage::from_fn(600, 300, |x, y| Rgba([x as u8, y as u8, 7, if x < 300 { 0 } else { 255 }]));
    let plain = encoded(clear.clone(), ImageFormat::Png);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let body = [name, content].concat();
        [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()]
            .concat()
    };
    let raw = [&plain[..33], &chunk(b"tEXt", b"Author\0Ana"), &chunk(b"eXIf", &exif(3)), &plain[33..], b"PK\x03\x04"]
        .concat();
    let safe = make(&raw, Kind::Png).unwrap();
    assert_eq!((safe.full.kind, safe.thumb.kind), (Kind::Png, Kind::Png));
    for gone in [&b"tEXt"[..], b"Ana", b"eXIf", b"GPS", b"PK\x03\x04"] {
        assert!(holds(&raw, gone) && !holds(&safe.full.bytes, gone) && !holds(&safe.thumb.bytes, gone));
    }
    let upright = image::imageops::rotate180(&clear);
    assert!(read(&safe.full).into_rgba8() == upright, "pixel for pixel, turned as its EXIF says");
    assert_eq!((safe.thumb.width, safe.thumb.height), (480, 240));
    let opaque = make(&encoded(two_halves(3000, 20), ImageFormat::Png), Kind::Png).unwrap();
    assert_eq!((opaque.full.kind, opaque.full.width, opaque.thumb.kind), (Kind::Png, 3000, Kind::Jpeg));
}

#[test]
fn a_webp_becomes_what_every_reader_knows() {
    let opaque =
        make(&encoded(DynamicImage::from(two_halves(60, 30)).into_rgba8(), ImageFormat::WebP), Kind::Webp).unwrap();
    assert_eq!(opaque.full.kind, Kind::Jpeg);
    assert!(near(*read(&opaque.full).into_rgba8().get_pixel(5, 5), RED));
    let clear = RgbaImage::from_pixel(60, 30, Rgba([1, 2, 3, 90]));
    let clear_safe = make(&encoded(clear.clone(), ImageFormat::WebP), Kind::Webp).unwrap();
    assert_eq!(clear_safe.full.kind, Kind::Png);
    assert!(read(&clear_safe.full).into_rgba8() == clear);
}

fn animation(count: u32, side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    encoder.set_repeat(Repeat::Finite(3)).unwrap();
    for n in 0..count {
        let mut frame = RgbaImage::from_pixel(side, side, Rgba([(n * 40) as u8, 99, 0, 255]));
        frame.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
        encoder.encode_frame(Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(120, 1))).unwrap();
    }
    drop(encoder);
    bytes
}

fn frames(bytes: &[u8]) -> Vec<Frame> {
    GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames().collect_frames().unwrap()
}

#[test]
fn a_gif_keeps_moving() {
    let raw = [&animation(5, 50)[..], b"<script>"].concat();
    let safe = make(&raw, Kind::Gif).unwrap();
    assert_eq!((safe.full.kind, safe.full.width, safe.thumb.kind), (Kind::Gif, 50, Kind::Png));
    assert!(!holds(&safe.full.bytes, b"<script>"));
    let (before, after) = (frames(&raw), frames(&safe.full.bytes));
    assert_eq!(after.len(), 5);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.buffer(), after.buffer(), "few colours survive exactly, transparency too");
        assert_eq!(after.delay().numer_denom_ms(), (120, 1));
    }
    let repeats = GifDecoder::new(Cursor::new(&safe.full.bytes)).unwrap().loop_count();
    assert!(matches!(repeats, LoopCount::Finite(times) if times.get() == 3));
}

#[test]
fn a_gif_too_long_becomes_its_first_frame() {
    let all = make(&animation(200, 4), Kind::Gif).unwrap();
    assert_eq!(frames(&all.full.bytes).len(), 200);
    let just = gif(&animation(3, 40), 3 * 40 * 40).unwrap();
    assert_eq!(frames(&just.full.bytes).len(), 3);
    let too_many = make(&animation(201, 4), Kind::Gif);
    let too_large = gif(&animation(3, 40), 3 * 40 * 40 - 1);
    for safe in [too_many, too_large] {
        let left = frames(&safe.unwrap().full.bytes);
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].buffer().get_pixel(1, 1), &Rgba([0, 99, 0, 255]));
    }
}

/// A small PNG whose header says otherwise.
fn png_saying(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(two_halves(2, 2), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32fast::hash(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&crc);
    png
}

/// A small JPEG whose header says otherwise.
fn jpeg_saying(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = encoded(two_halves(2, 2), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|it| it == b"\xff\xc0").unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn a_header_that_promises_too_much_is_refused_at_once() {
    let mut gif = animation(1, 2);
    gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let webp = [&b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f"[..], &[0xfe, 0xbf, 0xff, 0x0f], &[0; 8]].concat();
    for (bytes, kind) in [
        (png_saying(60_000, 60_000), Kind::Png),
        (png_saying(12_000, 4_000), Kind::Png),
        (png_saying(12_001, 1), Kind::Png),
        (jpeg_saying(60_000, 60_000), Kind::Jpeg),
        (jpeg_saying(4_000, 12_000), Kind::Jpeg),
        (jpeg_saying(1, 12_001), Kind::Jpeg),
        (gif, Kind::Gif),
        (webp, Kind::Webp),
    ] {
        let start = Instant::now();
        let error = make(&bytes, kind).unwrap_err();
        assert!(matches!(error, PictureError::TooLarge), "{kind:?} {error}");
        assert!(start.elapsed() < Duration::from_secs(1));
    }
    let long = vec![0; usize::try_from(Kind::Png.bytes_max()).unwrap() + 1];
    assert!(matches!(make(&long, Kind::Png), Err(PictureError::TooLarge)));
}

#[test]
fn broken_pictures_are_refused() {
    let jpeg = encoded(two_halves(200, 200), ImageFormat::Jpeg);
    let with_preview = jpeg_with_everything(1);
    let (png, webp) =
        (encoded(two_halves(200, 200), ImageFormat::Png), encoded(two_halves(200, 200), ImageFormat::WebP));
    let gif = animation(3, 40);
    let scan = with_preview.windows(2).rposition(|it| it == b"\xff\xda").unwrap();
    let table: [(&[u8], Kind); 10] = [
        (&jpeg[..jpeg.len() / 2], Kind::Jpeg),
        (&jpeg[..jpeg.len() - 2], Kind::Jpeg),
        (&with_preview[..scan + 30], Kind::Jpeg),
        (&png[..png.len() / 2], Kind::Png),
        (&gif[..gif.len() / 2], Kind::Gif),
        (&webp[..webp.len() / 2], Kind::Webp),
        (&jpeg, Kind::Png),
        (b"\xff\xd8\xff\xd9", Kind::Jpeg),
        (b"", Kind::Gif),
        (b"%PDF-", Kind::Pdf),
    ];
    for (bytes, kind) in table {
        assert!(matches!(make(bytes, kind), Err(PictureError::Broken(_))), "{kind:?} {} bytes", bytes.len());
    }
    assert!(matches!(make_safe(Path::new("/nowhere/at all"), Kind::Png), Err(PictureError::Io(_))));
}
