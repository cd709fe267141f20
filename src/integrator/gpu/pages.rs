//! Where the tables of a scene lie: end to end in rows of 16 bytes, cut into pages as large as a device allows.

use super::Error;
use super::device::Device;
use super::fault::Fault;
use super::page::Page;
use crate::compiled::largest::Largest;
use crate::compiled::record::Frame;
use crate::kernel::gpu::{ROW_BYTES, TABLES};

/// Pages at most, of devices that allow more.
pub(super) const PAGES_MAX: u32 = 16;
/// Bytes uploaded at once: what the driver must hold twice meanwhile.
const UPLOAD_BYTES: usize = 32 << 20;

/// A table: its name in the shaders, and its bytes.
pub type Table<'a> = (&'static str, &'a [u8]);

/// How a scene lies in pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// First row of each table, in the order of [`TABLES`].
    pub first_rows: Vec<u32>,
    /// Pages, at least 1.
    pub pages: u32,
    /// Every page but the last has 2^this rows.
    pub page_rows_log2: u32,
    /// Rows in all, at least 1.
    pub rows: u64,
}

impl Layout {
    /// Lays `tables` out in at most `pages_max` pages of at most `page_bytes` each.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn new(tables: &[Table<'_>], pages_max: u32, page_bytes: u64) -> Result<Self, Oversize> {
        let mut first_rows = Vec::with_capacity(TABLES.len());
        let mut rows = 0_u64;
        for name in TABLES {
            first_rows.push(rows);
            rows += bytes_of(tables, name).len().div_ceil(ROW_BYTES as usize) as u64;
        }
        let rows = rows.max(1);
        let page_rows_log2 = (page_bytes / ROW_BYTES).max(1).ilog2().min(31);
        // One page may be as large as a buffer; of several, each is a power of two.
        let pages = if rows * ROW_BYTES <= page_bytes {
            1
        } else {
            rows.div_ceil(1 << page_rows_log2)
        };
        if pages > u64::from(pages_max) || rows > u64::from(u32::MAX) {
            let capacity = (u64::from(pages_max) << page_rows_log2).min(u64::from(u32::MAX));
            let (bytes, capacity) = (rows * ROW_BYTES, capacity * ROW_BYTES);
            return Err(Oversize { bytes, capacity });
        }
        Ok(Self {
            first_rows: first_rows.iter().map(|&row| row as u32).collect(),
            pages: pages as u32,
            page_rows_log2,
            rows,
        })
    }

    /// Bytes of all pages.
    pub fn bytes(&self) -> u64 {
        self.rows * ROW_BYTES
    }

    /// Bytes of page `page`.
    fn page_bytes(&self, page: u32) -> u64 {
        if self.pages == 1 {
            return self.rows * ROW_BYTES;
        }
        let first = u64::from(page) << self.page_rows_log2;
        (self.rows - first).min(1 << self.page_rows_log2) * ROW_BYTES
    }
}

fn bytes_of<'a>(tables: &[Table<'a>], name: &str) -> &'a [u8] {
    tables
        .iter()
        .find(|(other, _)| *other == name)
        .map_or(&[], |(_, bytes)| bytes)
}

/// Tables take more than fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oversize {
    /// What they take.
    pub bytes: u64,
    /// What fits.
    pub capacity: u64,
}

/// Names the table that needs most, and what in the scene makes it so large.
pub(super) fn too_large(tables: &[Table<'_>], assets: &Largest, oversize: Oversize) -> Error {
    let Oversize { bytes, capacity } = oversize;
    let largest = tables.iter().max_by_key(|(_, bytes)| bytes.len());
    let (name, largest_bytes) = largest.map_or(("", 0), |(name, b)| (*name, b.len() as u64));
    let largest = assets.explain(name);
    Error::SceneTooLarge {
        bytes,
        capacity,
        largest,
        largest_bytes,
    }
}

/// The pages of a scene on a device.
#[derive(Debug)]
pub struct Pages {
    pub pages: Vec<Page>,
    pub first_rows: wgpu::Buffer,
    pub frame: wgpu::Buffer,
}

impl Pages {
    /// Uploads `tables`, laid out as `layout` says.
    pub fn upload(
        device: &Device,
        layout: &Layout,
        tables: &[Table<'_>],
        frame: &Frame,
    ) -> Result<Self, Fault> {
        let pages: Vec<Page> = (0..layout.pages)
            .map(|page| Page::new(device, layout.page_bytes(page)))
            .collect::<Result<_, _>>()?;
        for (name, &first_row) in TABLES.iter().zip(&layout.first_rows) {
            let bytes = bytes_of(tables, name);
            write_rows(device, layout, &pages, u64::from(first_row), bytes)?;
        }
        let uniform = |label, contents: &[u8]| -> Result<wgpu::Buffer, Fault> {
            let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
            let bytes = contents.len().next_multiple_of(16) as u64;
            let buffer = device.buffer(label, bytes, usage)?;
            device.queue.write_buffer(&buffer, 0, contents);
            Ok(buffer)
        };
        let pages = Self {
            pages,
            first_rows: uniform("first rows", bytemuck::cast_slice(&layout.first_rows))?,
            frame: uniform("frame", bytemuck::bytes_of(frame))?,
        };
        // so that what was uploaded is not held twice
        device.queue.submit([]);
        device.wait()?;
        Ok(pages)
    }
}

/// Writes `bytes` from row `row` on, across pages, a piece at a time.
fn write_rows(
    device: &Device,
    layout: &Layout,
    pages: &[Page],
    mut row: u64,
    bytes: &[u8],
) -> Result<(), Fault> {
    let page_rows = match layout.pages {
        1 => u64::MAX / ROW_BYTES,
        _ => 1 << layout.page_rows_log2,
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let (page, inside) = ((row / page_rows) as usize, row % page_rows);
        let room = usize::try_from((page_rows - inside) * ROW_BYTES).unwrap_or(usize::MAX);
        let (piece, after) = rest.split_at(rest.len().min(room).min(UPLOAD_BYTES));
        pages[page].write(&device.queue, inside, piece);
        if piece.len() == UPLOAD_BYTES {
            device.queue.submit([]);
            device.wait()?;
        }
        row += (piece.len() as u64).div_ceil(ROW_BYTES);
        rest = after;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_follow_each_other_in_whole_rows() {
        let vertices = [0_u8; 64];
        let texels = [0_u8; 20];
        let tables = [("texels", &texels[..]), ("vertices", &vertices[..])];
        let layout = Layout::new(&tables, 4, 1 << 20).unwrap();
        assert_eq!((layout.pages, layout.rows), (1, 4 + 2));
        let row_of = |name| layout.first_rows[TABLES.iter().position(|t| *t == name).unwrap()];
        assert_eq!(row_of("vertices"), 0);
        assert_eq!(row_of("triangles"), 4);
        assert_eq!(row_of("texels"), 4);
        assert_eq!(row_of("materials"), 6);
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_bytes() {
        let texels = vec![0_u8; 1000];
        let tables = [("texels", &texels[..])];
        let layout = Layout::new(&tables, 4, 300).unwrap();
        // pages of 16 rows
        assert_eq!((layout.pages, layout.page_rows_log2), (4, 4));
        assert_eq!(layout.page_bytes(0), 256);
        assert_eq!(layout.page_bytes(3), (63 - 48) * 16);
        let oversize = Layout::new(&tables, 3, 300).unwrap_err();
        let message = too_large(&tables, &Largest::default(), oversize).to_string();
        assert!(
            message.contains("texels") && message.contains("1000"),
            "{message}"
        );
    }

    #[test]
    fn an_empty_scene_has_a_page() {
        let layout = Layout::new(&[], 4, 1 << 20).unwrap();
        assert_eq!((layout.pages, layout.page_bytes(0)), (1, 16));
    }
}
