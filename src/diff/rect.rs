//! Rectangles of pixels, and rectangles around scattered places.

use serde::Serialize;

/// Boxes reported for a layer at most.
const MOST: usize = 8;
/// Places nearer than this belong together, pixels.
const NEAR: usize = 8;

/// Pixels `[x0, x1) × [y0, y1)`, from the top left of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rect {
    /// First column.
    pub x0: usize,
    /// First row.
    pub y0: usize,
    /// One past the last column.
    pub x1: usize,
    /// One past the last row.
    pub y1: usize,
}

impl std::fmt::Display for Rect {
    /// As `--region` takes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{},{},{}", self.x0, self.y0, self.x1, self.y1)
    }
}

impl Rect {
    /// One pixel.
    #[must_use]
    pub fn pixel(x: usize, y: usize) -> Self {
        Self::square(x, y, 1)
    }

    /// A square of `side` pixels.
    #[must_use]
    pub fn square(x0: usize, y0: usize, side: usize) -> Self {
        Self {
            x0,
            y0,
            x1: x0 + side,
            y1: y0 + side,
        }
    }

    /// Row `y` of a picture of `width` columns.
    #[must_use]
    pub fn rows(y: usize, width: usize) -> Self {
        Self {
            x0: 0,
            y0: y,
            x1: width,
            y1: y + 1,
        }
    }

    /// Column `x` of a picture of `height` rows.
    #[must_use]
    pub fn columns(x: usize, height: usize) -> Self {
        Self {
            x0: x,
            y0: 0,
            x1: x + 1,
            y1: height,
        }
    }

    /// The part within a picture.
    #[must_use]
    pub fn cut(self, width: usize, height: usize) -> Self {
        Self {
            x1: self.x1.min(width),
            y1: self.y1.min(height),
            ..self
        }
    }

    fn n_pixels(&self) -> usize {
        (self.x1 - self.x0) * (self.y1 - self.y0)
    }

    fn is_near(&self, other: &Self) -> bool {
        self.x0 < other.x1 + NEAR
            && other.x0 < self.x1 + NEAR
            && self.y0 < other.y1 + NEAR
            && other.y0 < self.y1 + NEAR
    }

    fn around(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// Boxes around places that lie near each other, the largest first, [`MOST`] at most.
#[must_use]
pub fn around(places: &[Rect]) -> Vec<Rect> {
    let mut boxes: Vec<Rect> = Vec::new();
    for place in places {
        let mut grown = *place;
        // A grown box may come near others.
        while let Some(index) = boxes.iter().position(|b| b.is_near(&grown)) {
            grown = grown.around(&boxes.swap_remove(index));
        }
        boxes.push(grown);
    }
    boxes.sort_by_key(|b| (std::cmp::Reverse(b.n_pixels()), b.y0, b.x0));
    boxes.truncate(MOST);
    boxes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_places_share_a_box() {
        let places = [(0, 0), (100, 50), (6, 3), (103, 58), (4, 9)];
        let found = around(&places.map(|(x, y)| Rect::square(x, y, 4)));
        let expected = [
            Rect {
                x0: 0,
                y0: 0,
                x1: 10,
                y1: 13,
            },
            Rect {
                x0: 100,
                y0: 50,
                x1: 107,
                y1: 62,
            },
        ];
        assert_eq!(found, expected);
        assert_eq!(found[0].to_string(), "0,0,10,13");
    }

    #[test]
    fn boxes_that_grow_together_are_one() {
        let places = [(0, 0), (40, 0), (20, 0), (10, 0), (30, 0)];
        let found = around(&places.map(|(x, y)| Rect::square(x, y, 4)));
        assert_eq!(found.len(), 1);
        assert!(around(&[]).is_empty());
    }
}
