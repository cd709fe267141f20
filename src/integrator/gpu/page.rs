//! A page of the scene on a device: rows of 16 bytes, in a storage buffer or, in software, in an image.

use super::device::Device;
use super::fault::Fault;
use crate::kernel::gpu::{IMAGE_WIDTH_LOG2, ROW_BYTES, Target};

/// Rows of a page side by side in an image.
const IMAGE_WIDTH: u64 = 1 << IMAGE_WIDTH_LOG2;
/// A side of an image at most.
pub const IMAGE_SIDE_MAX: u32 = 1 << IMAGE_WIDTH_LOG2;
/// Bytes of an image at most, 512 MiB: drivers may count them in 32 bits, with a sign.
pub const IMAGE_BYTES_MAX: u64 = 1 << 29;
/// A row of the page is a texel.
pub const IMAGE_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba32Uint;

/// The memory of a page.
#[derive(Debug)]
pub enum Page {
    Buffer(wgpu::Buffer),
    Image(wgpu::Texture, wgpu::TextureView),
}

impl Page {
    /// Room for `bytes`.
    pub fn new(device: &Device, bytes: u64) -> Result<Self, Fault> {
        match device.target {
            Target::Hardware => {
                let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
                device.buffer("the scene", bytes, usage).map(Self::Buffer)
            }
            Target::Software => {
                let height = bytes.div_ceil(ROW_BYTES).div_ceil(IMAGE_WIDTH);
                let texture = device.image("the scene", IMAGE_SIDE_MAX, height as u32)?;
                let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
                Ok(Self::Image(texture, view))
            }
        }
    }

    /// What the scene's group binds.
    pub fn binding(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Buffer(buffer) => buffer.as_entire_binding(),
            Self::Image(_, view) => wgpu::BindingResource::TextureView(view),
        }
    }

    /// Writes `bytes` from row `row` on. In an image, what is left of the last row becomes 0.
    pub fn write(&self, queue: &wgpu::Queue, row: u64, bytes: &[u8]) {
        match self {
            Self::Buffer(buffer) => queue.write_buffer(buffer, row * ROW_BYTES, bytes),
            Self::Image(texture, _) => write_texels(queue, texture, row, bytes),
        }
    }
}

/// Writes `bytes` to the texels from texel `first` on: the end of a line, whole lines, the beginning of a line, and a texel that
/// they do not fill.
fn write_texels(queue: &wgpu::Queue, texture: &wgpu::Texture, first: u64, bytes: &[u8]) {
    let (mut texel, mut rest) = (first, bytes);
    while !rest.is_empty() {
        let (x, y) = (texel % IMAGE_WIDTH, texel / IMAGE_WIDTH);
        let whole = rest.len() as u64 / ROW_BYTES;
        let (width, height) = if x == 0 && whole >= IMAGE_WIDTH {
            (IMAGE_WIDTH, whole / IMAGE_WIDTH)
        } else {
            (whole.min(IMAGE_WIDTH - x).max(1), 1)
        };
        let mut padded = [0; ROW_BYTES as usize];
        let (piece, after) = match rest.split_at_checked((width * height * ROW_BYTES) as usize) {
            Some(split) => split,
            None => {
                padded[..rest.len()].copy_from_slice(rest);
                (&padded[..], &[][..])
            }
        };
        queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture,
                mip_level: 0,
                origin: wgpu::Origin3d {
                    x: x as u32,
                    y: y as u32,
                    z: 0,
                },
                aspect: wgpu::TextureAspect::All,
            },
            piece,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some((width * ROW_BYTES) as u32),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width: width as u32,
                height: height as u32,
                depth_or_array_layers: 1,
            },
        );
        texel += width * height;
        rest = after;
    }
}
