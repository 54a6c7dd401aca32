//! Pictures made safe to show: decoded within bounds and written anew, so that nothing but the pixels is left of what came
//! in. No place of shooting (EXIF, XMP), no thumbnail of before the cut, no second format hidden behind the first.

use std::fs;
use std::io::{self, Cursor};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::{LoopCount, Orientation};
use image::{
    AnimationDecoder, DynamicImage, Frame, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits,
};

use super::Kind;

/// The most pixels a picture may have (a GIF: all frames together before it becomes a still).
pub const PIXELS_MAX: u64 = 40_000_000;

/// The longest side of a picture that is taken, in pixels.
pub const SIDE_MAX: u32 = 12_000;

/// The longest side of a photograph that is kept, in pixels; larger ones are made smaller.
const PHOTO_SIDE_MAX: u32 = 2560;

/// The longest side of a preview, in pixels.
const THUMB_SIDE_MAX: u32 = 480;

/// The most frames of an animation that stays one.
const FRAMES_MAX: usize = 200;

/// What a decoder may hold at one time: the largest picture in RGBA and as much again for its own work.
const DECODER_BYTES_MAX: u64 = 2 * 4 * PIXELS_MAX;

const PHOTO_QUALITY: u8 = 85;

/// Of 1 (best) to 30: from here on the eye gains nothing and the wait grows tenfold.
const GIF_SPEED: i32 = 10;

/// One picture is worked on at a time, whoever asks: the bounds above are then bounds of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A picture written by us, with nothing in it but pixels.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// PNG, JPEG or GIF.
    pub kind: Kind,
    /// In pixels, upright.
    pub width: u32,
    /// In pixels, upright.
    pub height: u32,
}

/// What is kept of a picture from outside.
#[derive(Debug, Clone)]
pub struct Safe {
    /// The picture.
    pub full: Picture,
    /// Its preview: JPEG, or PNG where it is transparent; at most 480 pixels a side.
    pub thumb: Picture,
}

/// Why a picture was not made safe.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Over 40 million pixels, 12,000 a side, or the bytes a picture may have.
    #[error("the picture is too large")]
    TooLarge,
    /// Cut short, damaged, or no picture at all.
    #[error("the picture is broken: {0}")]
    Broken(String),
    /// The disk's fault, not the picture's.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            // The bytes are in memory: an I/O error is a file that ended early.
            other => Self::Broken(other.to_string()),
        }
    }
}

/// Reads the picture at `path`, of the `kind` its content was found to be, and writes it anew: JPEG as JPEG (2560 pixels at
/// most), PNG as PNG, WebP as JPEG or, where transparent, PNG; a GIF keeps moving up to 200 frames and 40 million pixels
/// in all, else its first frame stays. Turned upright as its EXIF says. Blocking, seconds for the largest.
///
/// # Errors
/// [`PictureError`]; large ones are refused by their header, before any memory is given to pixels.
pub fn make_safe(path: &Path, kind: Kind) -> Result<Safe, PictureError> {
    // A panic in a decoder leaves nothing half done behind this lock.
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if fs::metadata(path)?.len() > kind.bytes_max() {
        return Err(PictureError::TooLarge);
    }
    let bytes = fs::read(path)?;
    match kind {
        Kind::Gif => gif(&bytes, PIXELS_MAX),
        Kind::Png => still(&bytes, ImageFormat::Png, png),
        Kind::Webp => {
            still(&bytes, ImageFormat::WebP, |image| if is_opaque(&image) { photo(image) } else { png(image) })
        }
        // The decoder paints what is missing grey and says nothing.
        Kind::Jpeg if !is_whole_jpeg(&bytes) => Err(PictureError::Broken("the file ends early".into())),
        Kind::Jpeg => still(&bytes, ImageFormat::Jpeg, photo),
        other => Err(PictureError::Broken(format!("{} is no picture", other.key()))),
    }
}

fn still(
    bytes: &[u8],
    format: ImageFormat,
    write: fn(DynamicImage) -> ImageResult<Picture>,
) -> Result<Safe, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    check_size(&decoder)?;
    // An unreadable orientation is none: the pixels count.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(Safe { thumb: thumb(&image)?, full: write(image)? })
}

/// `pixels_max` bounds all frames together: beyond it the first one stays.
fn gif(bytes: &[u8], pixels_max: u64) -> Result<Safe, PictureError> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes))?;
    decoder.set_limits(limits())?;
    check_size(&decoder)?;
    let (width, height) = decoder.dimensions();
    let frames_max =
        usize::try_from(pixels_max / (u64::from(width) * u64::from(height))).unwrap_or(FRAMES_MAX).min(FRAMES_MAX);
    let repeat = match decoder.loop_count() {
        LoopCount::Finite(times) => Repeat::Finite(u16::try_from(times.get()).unwrap_or(u16::MAX)),
        LoopCount::Infinite => Repeat::Infinite,
    };
    let mut frames = decoder.into_frames();
    let first = frames.next().ok_or_else(|| PictureError::Broken("no frame".into()))??;
    let mut rest = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut rest, GIF_SPEED);
    encoder.set_repeat(repeat)?;
    encoder.encode_frame(first.clone())?;
    for frame in frames.by_ref().take(frames_max - 1) {
        encoder.encode_frame(frame?)?;
    }
    drop(encoder);
    let image = DynamicImage::from(first.into_buffer());
    let thumb = thumb(&image)?;
    let moves = frames.next().is_none() && rest.len() as u64 <= Kind::Gif.bytes_max();
    let bytes = if moves { rest } else { still_gif(image)? };
    Ok(Safe { full: Picture { bytes, kind: Kind::Gif, width, height }, thumb })
}

fn still_gif(image: DynamicImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    GifEncoder::new_with_speed(&mut bytes, GIF_SPEED).encode_frame(Frame::new(image.into_rgba8()))?;
    Ok(bytes)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    limits
}

/// Asked of every decoder before pixels: not all of them heed all limits.
fn check_size(decoder: &impl ImageDecoder) -> Result<(), PictureError> {
    let (width, height) = decoder.dimensions();
    match u64::from(width) * u64::from(height) {
        0 => Err(PictureError::Broken("no pixels".into())),
        pixels if pixels > PIXELS_MAX || width.max(height) > SIDE_MAX => Err(PictureError::TooLarge),
        _ if decoder.total_bytes() > DECODER_BYTES_MAX => Err(PictureError::TooLarge),
        _ => Ok(()),
    }
}

fn is_opaque(image: &DynamicImage) -> bool {
    match image {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX),
        other => !other.color().has_alpha() || other.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX),
    }
}

fn photo(image: DynamicImage) -> ImageResult<Picture> {
    let large = image.width().max(image.height()) > PHOTO_SIDE_MAX;
    let image =
        if large { image.resize(PHOTO_SIDE_MAX, PHOTO_SIDE_MAX, image::imageops::FilterType::Triangle) } else { image };
    let image =
        if image.color().has_color() { image.into_rgb8().into() } else { DynamicImage::from(image.into_luma8()) };
    let (width, height, mut bytes) = (image.width(), image.height(), Vec::new());
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, PHOTO_QUALITY))?;
    Ok(Picture { bytes, kind: Kind::Jpeg, width, height })
}

fn png(image: DynamicImage) -> ImageResult<Picture> {
    let (width, height, mut bytes) = (image.width(), image.height(), Vec::new());
    image.write_with_encoder(PngEncoder::new_with_quality(
        &mut bytes,
        CompressionType::Default,
        FilterType::Adaptive,
    ))?;
    Ok(Picture { bytes, kind: Kind::Png, width, height })
}

fn thumb(image: &DynamicImage) -> ImageResult<Picture> {
    let large = image.width().max(image.height()) > THUMB_SIDE_MAX;
    let small = if large { image.thumbnail(THUMB_SIDE_MAX, THUMB_SIDE_MAX) } else { image.clone() };
    if is_opaque(&small) { photo(small) } else { png(small.into_rgba8().into()) }
}

/// Whether the segments of a JPEG lead to its end mark (the preview in its EXIF has one of its own, so searching is not enough).
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    // Marks start with FF; FF 00 is a pixel value, FF FF padding, D0 to D7 stand between parts of one scan.
    while let Some(found) =
        bytes.get(at..).and_then(|rest| rest.windows(2).position(|it| it[0] == 0xff && it[1] != 0xff))
    {
        at += found + 2;
        match bytes[at - 1] {
            0xd9 => return true,
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => match bytes.get(at..at + 2) {
                Some(size) => at += usize::from(u16::from_be_bytes([size[0], size[1]])),
                None => return false,
            },
        }
    }
    false
}

#[cfg(test)]
mod tests;
