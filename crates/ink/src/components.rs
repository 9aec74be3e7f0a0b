//! Connected components of ink.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::bounding_box::BoundingBox;

/// A connected component of ink.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// The smallest rectangle that contains it.
    pub bounds: BoundingBox,
    /// Number of pixels.
    pub area: u64,
    /// Sum of its pixels' differences from the background.
    pub mass: u64,
    /// Number of its pixels within the picture's margin.
    marginal: u64,
    /// Whether it is a frame, or a ruling line over the whole width or height of the picture.
    pub is_ruling: bool,
    /// Sums of x, y, x², y² and x·y over its pixels, relative to its first pixel.
    moments: [f64; 5],
    /// Its first pixel.
    origin: (u32, u32),
}

/// A component as the bar with the same moments.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// Length in pixels.
    pub length: f32,
    /// Thickness in pixels.
    pub thickness: f32,
    /// Columns to the right for each row up along its length; infinite if it is horizontal.
    pub slant: f32,
}

impl Component {
    /// The bar whose second moments are those of the component: a bar of length a and thickness b has
    /// the variances a²/12 and b²/12.
    pub fn stroke(&self) -> Stroke {
        let count = (self.area as f64).max(1.0);
        let [x, y, xx, yy, xy] = self.moments.map(|sum| sum / count);
        let (xx, yy, xy) = (xx - x * x, yy - y * y, xy - x * y);
        let (mean, apart) = (f64::midpoint(xx, yy), f64::hypot((xx - yy) / 2.0, xy));
        let side = |variance: f64| (12.0 * variance.max(0.0) + 1.0).sqrt() as f32;
        // The direction of the larger variance, (xy, larger − xx); rows count downwards.
        let slant = -(xy / (mean + apart - xx)) as f32;
        let slant = if slant.is_finite() { slant } else { f32::INFINITY };
        Stroke { length: side(mean + apart), thickness: side(mean - apart), slant }
    }
}

/// A mask's components, and the component of each pixel.
#[derive(Clone, Debug)]
pub struct Components {
    /// For each pixel 0 for paper, or the index of its component plus 1.
    pub labels: Vec<u32>,
    /// In the order of their first pixels, row by row.
    pub all: Vec<Component>,
}

/// The picture's margin, where frames and the edges of tables are, as a share of its sides.
const MARGIN: f32 = 0.03;
/// A frame has at least this share of its pixels within the margin.
const MIN_FRAME: f32 = 0.6;
/// Smallest length of a ruling line, as a share of the picture's side.
const MIN_RULING_LENGTH: f32 = 0.9;
/// Largest thickness of a ruling line, as a share of its length; a tightly cropped 1 is thicker.
const MAX_RULING_THICKNESS: f32 = 0.05;
/// Number of pixels of the smallest digit: a 1 that is nine pixels high and one pixel wide.
pub const MIN_AREA: u64 = 9;

impl Components {
    /// Finds the components of a mask's white pixels; `ink` holds the differences from the
    /// background that the mask was made of.
    pub fn find(mask: &GrayImage, ink: &GrayImage) -> Self {
        // imageproc 0.27 panics on a picture of a single pixel.
        if mask.len() < 2 {
            return Self { labels: vec![0; mask.len()], all: Vec::new() };
        }
        let labels = connected_components(mask, Connectivity::Eight, Luma([0])).into_raw();
        let all = measure(&labels, ink);
        Self { labels, all }
    }

    /// The mass of all components.
    pub fn mass(&self) -> u64 {
        self.all.iter().map(|component| component.mass).sum()
    }

    /// The component of the largest mass; a frame or a ruling line only if there is nothing else.
    /// None if that component is a speck.
    pub fn main(&self) -> Option<Component> {
        let heaviest = |is_wanted: fn(&&Component) -> bool| {
            let wanted = self.all.iter().filter(is_wanted);
            wanted
                .max_by_key(|component| component.mass)
                .filter(|component| component.area >= MIN_AREA)
        };
        heaviest(|component| !component.is_ruling).or_else(|| heaviest(|_| true)).copied()
    }
}

/// The components with the labels 1, 2, …
fn measure(labels: &[u32], ink: &GrayImage) -> Vec<Component> {
    let (width, height) = ink.dimensions();
    let margin = (MARGIN * width.min(height) as f32).ceil() as u32;
    let mut components: Vec<Component> = Vec::new();
    for ((x, y, level), &label) in ink.enumerate_pixels().zip(labels) {
        if label == 0 {
            continue;
        }
        let pixel = BoundingBox { left: x, top: y, right: x + 1, bottom: y + 1 };
        let index = label as usize - 1;
        if index >= components.len() {
            let none = Component {
                bounds: pixel,
                area: 0,
                mass: 0,
                marginal: 0,
                is_ruling: false,
                moments: [0.0; 5],
                origin: (x, y),
            };
            components.resize(index + 1, none);
        }
        let component = &mut components[index];
        component.bounds = if component.area == 0 { pixel } else { component.bounds.union(&pixel) };
        component.area += 1;
        component.mass += u64::from(level.0[0]);
        if component.area == 1 {
            component.origin = (x, y);
        }
        let (right, down) = (
            f64::from(x) - f64::from(component.origin.0),
            f64::from(y) - f64::from(component.origin.1),
        );
        let products = [right, down, right * right, down * down, right * down];
        for (sum, product) in component.moments.iter_mut().zip(products) {
            *sum += product;
        }
        let inside = (margin..width.saturating_sub(margin)).contains(&x)
            && (margin..height.saturating_sub(margin)).contains(&y);
        component.marginal += u64::from(!inside);
    }
    for component in &mut components {
        component.is_ruling = is_frame(component) || is_ruling_line(component, ink.dimensions());
    }
    components
}

fn is_frame(component: &Component) -> bool {
    component.marginal as f32 >= MIN_FRAME * component.area as f32
}

fn is_ruling_line(component: &Component, (width, height): (u32, u32)) -> bool {
    let is_thin = |length: u32, thickness: u32, side: u32| {
        length as f32 >= MIN_RULING_LENGTH * side as f32
            && thickness as f32 <= MAX_RULING_THICKNESS * length as f32
    };
    let (across, down) = (component.bounds.width(), component.bounds.height());
    is_thin(across, down, width) || is_thin(down, across, height)
}
