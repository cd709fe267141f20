//! Parsing of flag values that are more than one number. Messages complete clap's
//! "invalid value '…' for '…': ".

use super::args::ShardArg;
use crate::farm::FrameRange;
use crate::farm::submit::Gpus;

/// Most shards a frame may be cut into: as many as a file's name and common sense allow.
const MAX_SHARDS: u32 = 100_000;

/// Largest frame width and height, pixels.
const MAX_SIZE: u32 = 32_768;

/// `WxH`, pixels.
pub fn size(text: &str) -> Result<(u32, u32), String> {
    let side = |side: &str| {
        let n: u32 = side.trim().parse().ok()?;
        (1..=MAX_SIZE).contains(&n).then_some(n)
    };
    text.split_once(['x', 'X'])
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| {
            format!("give width and height in pixels, 1 to {MAX_SIZE} each, like 960x540")
        })
}

/// `X0,Y0,X1,Y1`, pixels; the order of the ends is checked, the frame is not yet known.
pub fn region(text: &str) -> Result<[u32; 4], String> {
    let numbers: Option<Vec<u32>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    let [x0, y0, x1, y1] = numbers
        .and_then(|numbers| <[u32; 4]>::try_from(numbers).ok())
        .ok_or("give four whole numbers of pixels, like 0,0,480,270")?;
    if x0 >= x1 || y0 >= y1 {
        return Err("X0 must be less than X1 and Y0 less than Y1".into());
    }
    Ok([x0, y0, x1, y1])
}

/// `A-B`, `A-BxSTEP` or `A`.
pub fn frames(text: &str) -> Result<FrameRange, String> {
    FrameRange::parse(text)
        .ok_or_else(|| "give whole numbers from 0, first to last, like 1-48 or 1-48x2".into())
}

/// Frames a second.
pub fn rate(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|x| x.is_finite() && *x > 0.0)
        .ok_or_else(|| "give a number above 0, like 24 or 23.976".into())
}

/// `I/N`, `auto` or `auto/N`.
pub fn shard(text: &str) -> Result<ShardArg, String> {
    let parsed = || {
        if text == "auto" {
            return Some(ShardArg::Auto(None));
        }
        let (index, count) = text.split_once('/')?;
        let count: u32 = count.parse().ok()?;
        if !(1..=MAX_SHARDS).contains(&count) {
            return None;
        }
        if index == "auto" {
            return Some(ShardArg::Auto(Some(count)));
        }
        let index: u32 = index.parse().ok()?;
        (index < count).then_some(ShardArg::Given { index, count })
    };
    parsed().ok_or_else(|| {
        format!(
            "give I/N, shard I from 0 to N - 1 of up to {MAX_SHARDS}, like 0/16; or auto or auto/N"
        )
    })
}

/// `N` or `KIND:N`.
pub fn gpus(text: &str) -> Result<Gpus, String> {
    Gpus::parse(text).ok_or_else(|| "give how many, 1 or more, or a kind too, like a100:1".into())
}

/// Text of one line.
pub fn line(text: &str) -> Result<String, String> {
    let is_line = !text.is_empty() && !text.contains(char::is_control);
    is_line
        .then(|| text.to_owned())
        .ok_or_else(|| "give one line of text".into())
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|x| x.is_finite() && *x > 0.0)
        .ok_or_else(|| "give a finite number above 0".into())
}

/// Any finite number.
pub fn finite(text: &str) -> Result<f32, String> {
    let number: Option<f32> = text.parse().ok();
    number
        .filter(|x| x.is_finite())
        .ok_or_else(|| "give a finite number".into())
}

/// Any finite number of seconds.
pub fn seconds(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|x| x.is_finite())
        .ok_or_else(|| "give a finite number of seconds".into())
}

/// A finite number of at least 0.
pub fn non_negative(text: &str) -> Result<f32, String> {
    finite(text)
        .ok()
        .filter(|x| *x >= 0.0)
        .ok_or_else(|| "give a finite number, 0 or more".into())
}

/// Stops.
pub fn exposure(text: &str) -> Result<f32, String> {
    finite(text)
        .ok()
        .filter(|x| x.abs() <= 32.0)
        .ok_or_else(|| "give a number of stops, -32 to 32".into())
}

/// A probability of error.
pub fn alpha(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|x| (1e-12..=0.5).contains(x))
        .ok_or_else(|| "give a probability, 1e-12 to 0.5".into())
}

/// `I/N`: part I of N, I from 0.
pub fn part(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/');
    parts
        .and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)))
        .filter(|(i, n): &(usize, usize)| i < n)
        .ok_or_else(|| "give a part and the number of parts, 0/4 to 3/4".into())
}

/// A number from 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|x| (0.0..=1.0).contains(x))
        .ok_or_else(|| "give a number, 0 to 1".into())
}

/// Number of threads.
pub fn threads(text: &str) -> Result<usize, String> {
    let number: Option<usize> = text.parse().ok();
    number
        .filter(|n| (1..=1024).contains(n))
        .ok_or_else(|| "give a whole number, 1 to 1024".into())
}

/// Fewest bytes worth a limit.
const MIN_BYTES: u64 = 1 << 20;

/// Bytes, or with K, M, G or T for powers of 1024.
pub fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    shift
        .and_then(|shift| digits.parse::<u64>().ok()?.checked_mul(1 << shift))
        .filter(|bytes| *bytes >= MIN_BYTES)
        .ok_or_else(|| "give a number of bytes of at least 1M, like 4G or 512M".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory() {
        assert_eq!(bytes("4G"), Ok(4 << 30));
        assert_eq!(bytes("512m"), Ok(512 << 20));
        assert_eq!(bytes("1048576"), Ok(1 << 20));
        for bad in ["", "G", "4GB", "-1G", "1.5G", "1000", "99999999999T"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("960x540"), Ok((960, 540)));
        assert_eq!(size("1X32768"), Ok((1, 32_768)));
        for bad in [
            "", "960", "0x5", "5x0", "32769x1", "-1x2", "1.5x2", "1x2x3", "axb",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn regions() {
        assert_eq!(region("0,1,2,3"), Ok([0, 1, 2, 3]));
        for bad in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "2,0,2,1",
            "0,3,1,2",
            "-1,0,1,1",
            "a,b,c,d",
        ] {
            assert!(region(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shards() {
        assert_eq!(
            shard("3/64"),
            Ok(ShardArg::Given {
                index: 3,
                count: 64
            })
        );
        assert_eq!(shard("auto"), Ok(ShardArg::Auto(None)));
        assert_eq!(shard("auto/7"), Ok(ShardArg::Auto(Some(7))));
        for bad in [
            "", "3", "64/64", "0/0", "-1/4", "a/4", "auto/0", "auto/", "0/100001",
        ] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates() {
        assert_eq!(rate("23.976"), Ok(23.976));
        assert!(rate("0").is_err() && rate("-1").is_err() && rate("inf").is_err());
        assert!(frames("1-9x2").is_ok() && frames("9-1").is_err());
    }

    #[test]
    fn numbers() {
        assert_eq!(finite("-1.5"), Ok(-1.5));
        assert!(finite("nan").is_err() && finite("inf").is_err() && finite("1e99").is_err());
        assert!(non_negative("-0.1").is_err() && non_negative("0").is_ok());
        assert!(exposure("-32").is_ok() && exposure("33").is_err());
        assert!(threads("0").is_err() && threads("2").is_ok() && threads("1025").is_err());
    }
}
