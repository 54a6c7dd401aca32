//! The demo's photographs: simple scenes painted in code, so that nobody's picture is borrowed.

use image::{Rgb, RgbImage};

const WIDTH: u32 = 720;
const HEIGHT: u32 = 540;

type Colour = [u8; 3];
const WHITE: Colour = [250, 250, 247];
const INK: Colour = [60, 64, 72];

/// What can be painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// A house from the street.
    House,
    /// A living room.
    Room,
    /// A pool behind the house.
    Pool,
    /// A floor plan.
    Plan,
    /// A damp stain on a ceiling.
    Stain,
    /// A printed receipt.
    Receipt,
}

/// Paints a scene, 720 by 540 pixels.
pub(super) fn draw(scene: Scene) -> RgbImage {
    match scene {
        Scene::House => house(),
        Scene::Room => room(),
        Scene::Pool => pool(),
        Scene::Plan => plan(),
        Scene::Stain => stain(),
        Scene::Receipt => receipt(),
    }
}

fn house() -> RgbImage {
    let mut sheet = fading([120, 178, 226], [228, 238, 246]);
    disc(&mut sheet, (600, 90), 44, [252, 224, 140]);
    rect(&mut sheet, (0, 400), (WIDTH, 140), [112, 152, 84]);
    rect(&mut sheet, (0, 470), (WIDTH, 70), [150, 150, 152]);
    rect(&mut sheet, (150, 230), (420, 190), [238, 222, 196]);
    for row in 0..90 {
        rect(&mut sheet, (360 - 20 - row * 240 / 90, 140 + row), (40 + row * 480 / 90, 1), [178, 84, 58]);
    }
    rect(&mut sheet, (320, 310), (70, 110), [122, 78, 50]);
    disc(&mut sheet, (378, 368), 5, [226, 196, 110]);
    for x in [190, 440] {
        rect(&mut sheet, (x, 280), (90, 70), WHITE);
        rect(&mut sheet, (x + 6, 286), (36, 58), [140, 190, 214]);
        rect(&mut sheet, (x + 48, 286), (36, 58), [152, 200, 220]);
    }
    rect(&mut sheet, (640, 300), (16, 120), [112, 80, 56]);
    disc(&mut sheet, (648, 270), 58, [74, 128, 66]);
    sheet
}

fn room() -> RgbImage {
    let mut sheet = fading([244, 238, 228], [226, 214, 198]);
    rect(&mut sheet, (0, 380), (WIDTH, 160), [176, 132, 92]);
    for board in 0..8 {
        rect(&mut sheet, (0, 380 + board * 20), (WIDTH, 2), [152, 112, 76]);
    }
    rect(&mut sheet, (0, 372), (WIDTH, 8), WHITE);
    rect(&mut sheet, (80, 70), (240, 200), WHITE);
    rect(&mut sheet, (92, 82), (104, 176), [168, 208, 232]);
    rect(&mut sheet, (204, 82), (104, 176), [182, 216, 236]);
    rect(&mut sheet, (420, 290), (240, 90), [92, 110, 130]);
    rect(&mut sheet, (404, 260), (24, 130), [80, 96, 116]);
    rect(&mut sheet, (652, 260), (24, 130), [80, 96, 116]);
    rect(&mut sheet, (436, 236), (208, 60), [104, 122, 142]);
    rect(&mut sheet, (470, 110), (140, 80), [206, 150, 98]);
    rect(&mut sheet, (480, 120), (120, 60), [238, 206, 150]);
    disc(&mut sheet, (360, 40), 22, [252, 240, 196]);
    sheet
}

fn pool() -> RgbImage {
    let mut sheet = fading([98, 166, 222], [214, 232, 244]);
    rect(&mut sheet, (0, 230), (WIDTH, 310), [206, 190, 164]);
    rect(&mut sheet, (0, 190), (WIDTH, 44), [86, 138, 78]);
    for x in (20..WIDTH).step_by(90) {
        disc(&mut sheet, (x, 196), 40, [72, 124, 68]);
    }
    rect(&mut sheet, (110, 300), (500, 190), WHITE);
    rect(&mut sheet, (122, 312), (476, 166), [74, 178, 206]);
    for wave in 0..7 {
        rect(&mut sheet, (150 + wave * 34, 330 + wave * 20), (120, 4), [138, 214, 230]);
    }
    rect(&mut sheet, (80, 260), (6, 110), [130, 96, 66]);
    for row in 0..34 {
        rect(&mut sheet, (81 - row * 2, 226 + row), (row * 4 + 4, 1), [222, 96, 74]);
    }
    sheet
}

fn plan() -> RgbImage {
    let mut sheet = fading(WHITE, WHITE);
    let walls = [(90, 70, 540, 10), (90, 460, 540, 10), (90, 70, 10, 400), (620, 70, 10, 400)];
    let inner = [(330, 70, 8, 150), (330, 280, 8, 190), (90, 250, 180, 8), (400, 250, 230, 8), (480, 250, 8, 220)];
    for (x, y, width, height) in walls.into_iter().chain(inner) {
        rect(&mut sheet, (x, y), (width, height), INK);
    }
    for (x, y, width) in [(160, 70, 90), (420, 70, 120), (160, 462, 90)] {
        rect(&mut sheet, (x, y), (width, 8), [150, 196, 222]);
    }
    rect(&mut sheet, (120, 100), (110, 80), [222, 210, 230]);
    rect(&mut sheet, (420, 110), (150, 60), [210, 224, 206]);
    rect(&mut sheet, (120, 330), (140, 90), [236, 220, 196]);
    rect(&mut sheet, (520, 300), (70, 120), [202, 226, 236]);
    rect(&mut sheet, (350, 330), (90, 110), [232, 206, 200]);
    sheet
}

fn stain() -> RgbImage {
    let mut sheet = fading([240, 238, 232], [220, 216, 206]);
    for (centre, radius, colour) in [
        ((330, 240), 150, [222, 206, 170]),
        ((430, 290), 110, [222, 206, 170]),
        ((330, 240), 132, [206, 184, 140]),
        ((428, 288), 90, [206, 184, 140]),
        ((330, 240), 88, [190, 164, 116]),
        ((400, 274), 44, [172, 146, 100]),
    ] {
        disc(&mut sheet, centre, radius, colour);
    }
    rect(&mut sheet, (0, 500), (WIDTH, 14), [206, 202, 194]);
    disc(&mut sheet, (150, 120), 34, WHITE);
    disc(&mut sheet, (150, 120), 22, [250, 238, 190]);
    sheet
}

fn receipt() -> RgbImage {
    let mut sheet = fading([150, 128, 108], [118, 98, 82]);
    rect(&mut sheet, (196, 36), (340, 480), [96, 80, 68]);
    rect(&mut sheet, (188, 28), (340, 480), WHITE);
    rect(&mut sheet, (188, 28), (340, 58), [194, 92, 52]);
    rect(&mut sheet, (216, 48), (150, 18), WHITE);
    for line in 0..11 {
        let long = 150 + (line * 67) % 80;
        rect(&mut sheet, (216, 116 + line * 28), (long, 9), [178, 180, 184]);
        rect(&mut sheet, (452, 116 + line * 28), (48, 9), INK);
    }
    rect(&mut sheet, (216, 430), (284, 3), INK);
    rect(&mut sheet, (216, 446), (110, 14), INK);
    rect(&mut sheet, (420, 446), (80, 14), INK);
    sheet
}

/// A sheet whose colour goes from one at the top to another at the bottom.
fn fading(top: Colour, bottom: Colour) -> RgbImage {
    let mut sheet = RgbImage::new(WIDTH, HEIGHT);
    for y in 0..HEIGHT {
        let mix = |channel: usize| {
            let (from, to) = (u32::from(top[channel]), u32::from(bottom[channel]));
            // A mean of two bytes is a byte.
            ((from * (HEIGHT - y) + to * y) / HEIGHT) as u8
        };
        rect(&mut sheet, (0, y), (WIDTH, 1), [mix(0), mix(1), mix(2)]);
    }
    sheet
}

/// A filled rectangle; what lies beyond the edge is left out.
fn rect(sheet: &mut RgbImage, (left, top): (u32, u32), (width, height): (u32, u32), colour: Colour) {
    for y in top..(top + height).min(sheet.height()) {
        for x in left..(left + width).min(sheet.width()) {
            sheet.put_pixel(x, y, Rgb(colour));
        }
    }
}

/// A filled circle, row by row.
fn disc(sheet: &mut RgbImage, (x, y): (u32, u32), radius: u32, colour: Colour) {
    for row in y.saturating_sub(radius)..=y + radius {
        let half = (radius * radius - row.abs_diff(y).pow(2)).isqrt();
        let left = x.saturating_sub(half);
        rect(sheet, (left, row), (x + half - left, 1), colour);
    }
}
