//! Built-in functions, by naga's names for them.

use super::super::error::Result;
use super::function::Writer;
use super::names::{bare, identifier};
use super::types::Shape;
use naga::{Expression, Handle, MathFunction};

impl Writer<'_> {
    /// A call of a built-in function.
    pub fn builtin(
        &self,
        e: Handle<Expression>,
        fun: MathFunction,
        arguments: &[Handle<Expression>],
        shape: Shape,
    ) -> Result<String> {
        use MathFunction as F;
        let texts = arguments
            .iter()
            .map(|&a| self.shaped(a, shape))
            .collect::<Result<Vec<_>>>()?;
        let list = texts.iter().map(|t| bare(t)).collect::<Vec<_>>().join(", ");
        let n = self.components(arguments[0]);
        let first = &texts[0];
        let second = texts.get(1).map_or("", |t| bare(t));
        let third = texts.get(2).map_or("", |t| bare(t));
        let call = |path: &str| Ok(format!("{path}({list})"));
        match fun {
            F::Abs => call("Order::abs"),
            F::Min => call("Order::min"),
            F::Max => call("Order::max"),
            F::Clamp => call("Order::clamp"),
            F::Sign => call("Order::sign"),
            F::Saturate => call("Math::saturate"),
            F::Cos => call("Math::cos"),
            F::Cosh => call("Math::cosh"),
            F::Sin => call("Math::sin"),
            F::Sinh => call("Math::sinh"),
            F::Tan => call("Math::tan"),
            F::Tanh => call("Math::tanh"),
            F::Acos => call("Math::acos"),
            F::Asin => call("Math::asin"),
            F::Atan => call("Math::atan"),
            F::Atan2 => call("Math::atan2"),
            F::Asinh => call("Math::asinh"),
            F::Acosh => call("Math::acosh"),
            F::Atanh => call("Math::atanh"),
            F::Radians => call("Math::radians"),
            F::Degrees => call("Math::degrees"),
            F::Ceil => call("Math::ceil"),
            F::Floor => call("Math::floor"),
            F::Round => call("Math::round"),
            F::Fract => call("Math::fract"),
            F::Trunc => call("Math::trunc"),
            F::Exp => call("Math::exp"),
            F::Exp2 => call("Math::exp2"),
            F::Log => call("Math::log"),
            F::Log2 => call("Math::log2"),
            F::Pow => call("Math::pow"),
            F::Fma => call("Math::fma"),
            F::Step => call("Math::step"),
            F::SmoothStep => call("Math::smoothstep"),
            F::Sqrt => call("Math::sqrt"),
            F::InverseSqrt => call("Math::inverse_sqrt"),
            F::QuantizeToF16 => call("Math::quantize_to_f16"),
            F::Mix if n > 1 && self.components(arguments[2]) == 1 => Ok(format!(
                "Math::mix({}, {second}, Vec{n}::splat({third}))",
                bare(first)
            )),
            F::Mix => call("Math::mix"),
            F::Modf => {
                let name = self.result_type(e)?;
                Ok(format!(
                    "{{ let x = {}; let whole = Math::trunc(x); {name} {{ fract: x - whole, whole }} }}",
                    bare(first)
                ))
            }
            F::Frexp => {
                let name = self.result_type(e)?;
                Ok(format!(
                    "{{ let (fract, exp) = Exponent::frexp({list}); {name} {{ fract, exp }} }}"
                ))
            }
            F::Ldexp => call("Exponent::ldexp"),
            F::Dot => Ok(format!("{first}.dot({second})")),
            F::Dot4I8Packed => call("packing::dot4i8"),
            F::Dot4U8Packed => call("packing::dot4u8"),
            F::Cross => Ok(format!("{first}.cross({second})")),
            F::Distance if n > 1 => Ok(format!("({first} - {}).length()", texts[1])),
            F::Distance => Ok(format!("Order::abs({first} - {})", texts[1])),
            F::Length if n > 1 => Ok(format!("{first}.length()")),
            F::Length => call("Order::abs"),
            F::Normalize => Ok(format!("{first}.normalize()")),
            F::FaceForward => Ok(format!("{first}.face_forward({second}, {third})")),
            F::Reflect => Ok(format!("{first}.reflect({second})")),
            F::Refract => Ok(format!("{first}.refract({second}, {third})")),
            F::Transpose => Ok(format!("{first}.transpose()")),
            F::Determinant => Ok(format!("{first}.determinant()")),
            F::CountTrailingZeros => call("Bits::count_trailing_zeros"),
            F::CountLeadingZeros => call("Bits::count_leading_zeros"),
            F::CountOneBits => call("Bits::count_one_bits"),
            F::ReverseBits => call("Bits::reverse_bits"),
            F::FirstTrailingBit => call("Bits::first_trailing_bit"),
            F::FirstLeadingBit => call("Bits::first_leading_bit"),
            F::ExtractBits => call("Fields::extract"),
            F::InsertBits => call("Fields::insert"),
            F::Pack4x8snorm => call("packing::pack4x8snorm"),
            F::Pack4x8unorm => call("packing::pack4x8unorm"),
            F::Pack2x16snorm => call("packing::pack2x16snorm"),
            F::Pack2x16unorm => call("packing::pack2x16unorm"),
            F::Pack2x16float => call("packing::pack2x16float"),
            F::Pack4xI8 => call("packing::pack4xi8"),
            F::Pack4xU8 => call("packing::pack4xu8"),
            F::Pack4xI8Clamp => call("packing::pack4xi8_clamp"),
            F::Pack4xU8Clamp => call("packing::pack4xu8_clamp"),
            F::Unpack4x8snorm => call("packing::unpack4x8snorm"),
            F::Unpack4x8unorm => call("packing::unpack4x8unorm"),
            F::Unpack2x16snorm => call("packing::unpack2x16snorm"),
            F::Unpack2x16unorm => call("packing::unpack2x16unorm"),
            F::Unpack2x16float => call("packing::unpack2x16float"),
            F::Unpack4xI8 => call("packing::unpack4xi8"),
            F::Unpack4xU8 => call("packing::unpack4xu8"),
            F::Outer | F::Inverse => Err(self.error_at(
                e,
                format!("the built-in function `{fun:?}` is not known on the CPU"),
            )),
        }
    }

    /// Name of the struct that `modf` or `frexp` gives.
    fn result_type(&self, e: Handle<Expression>) -> Result<String> {
        let module = self.program.module();
        let name = self.info[e]
            .ty
            .handle()
            .and_then(|h| module.types[h].name.as_deref());
        name.map(identifier)
            .ok_or_else(|| self.error_at(e, "this built-in function has no result type"))
    }
}
