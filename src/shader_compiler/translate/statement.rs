//! Statements: control flow as scalars where it is uniform, as masks where lanes part ways.
//!
//! In what is written, `active` (or `active_3` in the third nested construct) is the mask of lanes that are on. A branch
//! runs with the mask of its lanes; a loop runs while any lane is left in it; `break`, `continue` and `return` move lanes
//! from the mask into the one where they wait.

use super::super::error::Result;
use super::flow::{self, Root, breaks, continues, returns};
use super::function::{User, Writer};
use super::names::bare;
use super::types::by_reference;
use naga::{
    Block, Expression, Handle, Literal, ScalarKind, Statement, SwitchCase, SwitchValue, TypeInner,
};

/// Blocks cheaper than this run without a test whether any lane is on. Measured on shading: predicating everything costs
/// up to 45 %, testing always up to 25 %.
const TEST_FROM: usize = 10;

/// Where `break` and `continue` lead.
#[derive(Debug, Clone)]
enum Target {
    /// A Rust loop; `continue` leaves a labelled block if something follows the body.
    UniformLoop { label: usize, block: bool },
    /// A loop by masks.
    MaskLoop {
        left: Option<String>,
        continued: Option<String>,
    },
    /// A Rust `match` in a labelled block.
    UniformSwitch { label: usize },
    /// A switch by masks.
    MaskSwitch { left: String },
}

/// Where a statement stands.
#[derive(Debug, Clone)]
pub struct Place {
    active: String,
    /// Inside a construct that runs by masks.
    nested: bool,
    targets: Vec<Target>,
}

impl Place {
    fn inside(&self, active: String, target: Option<Target>) -> Place {
        let mut targets = self.targets.clone();
        targets.extend(target);
        Place {
            active,
            nested: true,
            targets,
        }
    }
}

/// Whether running a block (may, must) take lanes out of its mask.
fn kills(block: &Block) -> (bool, bool) {
    let (mut may, mut must) = (false, false);
    for s in block.iter() {
        let (m, a) = match s {
            Statement::Return { .. } | Statement::Break | Statement::Continue | Statement::Kill => {
                (true, true)
            }
            Statement::Block(block) => kills(block),
            Statement::If { accept, reject, .. } => {
                let (a, r) = (kills(accept), kills(reject));
                (a.0 || r.0, a.1 && r.1)
            }
            Statement::Loop {
                body, continuing, ..
            } => (returns(body) || returns(continuing), false),
            Statement::Switch { cases, .. } => (
                cases.iter().any(|c| returns(&c.body) || continues(&c.body)),
                false,
            ),
            _ => (false, false),
        };
        may |= m;
        must |= a;
    }
    (may, must)
}

impl<'a> Writer<'a> {
    /// Writes a function's body.
    pub fn top(&mut self, block: &'a Block) -> Result<()> {
        let place = Place {
            active: "active".into(),
            nested: false,
            targets: Vec::new(),
        };
        self.block(block, &place)
    }

    fn block(&mut self, block: &'a Block, place: &Place) -> Result<()> {
        let statements: Vec<_> = block.span_iter().collect();
        for (i, (s, span)) in statements.iter().enumerate() {
            self.span = **span;
            self.active.clone_from(&place.active);
            let last = i + 1 == statements.len();
            match *s {
                Statement::Emit(range) => {
                    let next = statements.get(i + 1).map(|n| n.0);
                    self.emit(range.clone(), next)?;
                }
                Statement::Block(inner) => {
                    self.open("{");
                    self.block(inner, place)?;
                    self.close("}");
                }
                Statement::If {
                    condition,
                    accept,
                    reject,
                } => {
                    if self.flow.is_varying(s) {
                        self.varying_if(*condition, accept, reject, place)?;
                        if !last && (kills(accept).0 || kills(reject).0) {
                            self.leave_early(place, &statements[i + 1..]);
                        }
                    } else {
                        let condition = self.uniform(*condition)?;
                        self.open(&format!("if {} {{", bare(&condition)));
                        self.block(accept, place)?;
                        if !reject.is_empty() {
                            self.reopen("} else {");
                            self.block(reject, place)?;
                        }
                        self.close("}");
                    }
                }
                Statement::Switch { selector, cases } => {
                    if self.flow.is_varying(s) {
                        self.varying_switch(*selector, cases, place)?;
                    } else {
                        self.uniform_switch(*selector, cases, place)?;
                    }
                }
                Statement::Loop {
                    body,
                    continuing,
                    break_if,
                } => {
                    if self.flow.is_varying(s) {
                        self.varying_loop(body, continuing, *break_if, place)?;
                    } else {
                        self.uniform_loop(body, continuing, *break_if, place)?;
                    }
                }
                Statement::Break => self.break_out(place)?,
                Statement::Continue => self.continue_on(place)?,
                Statement::Return { value } => {
                    let at_end = last && std::ptr::eq(block, &self.function.body);
                    self.return_value(*value, at_end, place)?;
                }
                Statement::Store { pointer, value } => {
                    let masked = self.flow.is_masked(s);
                    self.store(*pointer, *value, masked)?;
                }
                Statement::Call {
                    function,
                    arguments,
                    result,
                } => self.call(*function, arguments, *result, place)?,
                other => {
                    let name = format!("{other:?}");
                    let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                    return Err(self.error(format!(
                        "the statement `{name}` has no meaning in a pure function on the CPU"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Gives `let`s to emitted expressions, except where one use follows at once.
    fn emit(&mut self, range: naga::Range<Expression>, next: Option<&Statement>) -> Result<()> {
        let emitted: Vec<_> = range.clone().collect();
        for e in range {
            if matches!(
                self.inner(e),
                TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. }
            ) {
                continue;
            }
            let Some(&user) = self.users.get(&e) else {
                continue;
            };
            let near = match user {
                User::Expression(h) => emitted.contains(&h),
                User::Statement(key) => {
                    next.is_some_and(|n| flow::key(n) == key && !self.passes_pointer(n))
                }
                User::Several => self.is_part_of_named(e),
            };
            let name = self.function.named_expressions.get(&e);
            if name.is_none() && near {
                continue;
            }
            let text = if self.flow.is_uniform(e) {
                self.uniform(e)?
            } else {
                self.lanes(e)?
            };
            let name = match name {
                Some(name) => self.unique(name),
                None => {
                    let n = self.number();
                    format!("element_{n}")
                }
            };
            self.line(&format!("let {name} = {};", bare(&text)));
            self.names.insert(e, name);
        }
        Ok(())
    }

    fn passes_pointer(&self, s: &Statement) -> bool {
        match s {
            Statement::Call { arguments, .. } => arguments
                .iter()
                .any(|&a| matches!(self.inner(a), TypeInner::Pointer { .. })),
            _ => false,
        }
    }

    /// Whether an expression only picks a part of a value that has a name.
    fn is_part_of_named(&self, e: Handle<Expression>) -> bool {
        match self.function.expressions[e] {
            Expression::AccessIndex { base, .. } => {
                self.names.contains_key(&base) || self.is_part_of_named(base)
            }
            Expression::FunctionArgument(_) | Expression::Literal(_) | Expression::Constant(_) => {
                true
            }
            _ => false,
        }
    }

    /// Ends the function, or the loop, when no lane is left and enough would follow.
    fn leave_early(&mut self, place: &Place, rest: &[(&'a Statement, &'a naga::Span)]) {
        let cost: usize = rest
            .iter()
            .map(|(s, _)| self.program.statement_cost(self.function, s))
            .sum();
        if cost < TEST_FROM {
            return;
        }
        let active = &place.active;
        match place.targets.last() {
            None if !place.nested => {
                let result = if self.gathers { " result" } else { "" };
                if self.gathers || self.function.result.is_none() {
                    self.line(&format!("if !{active}.any() {{ return{result}; }}"));
                }
            }
            // in the loop's own block, where the loop's mask is the active one
            Some(Target::MaskLoop {
                continued: None, ..
            }) if self.loop_masks.last() == Some(active) => {
                self.line(&format!("if !{active}.any() {{ break; }}"));
            }
            _ => {}
        }
    }

    /// naga writes `a && b` as `if a { v = b } else { v = false }`, and `a || b` as `if !a { v = b } else { v = true }`.
    /// Where `b` costs little, that is one operation on masks again. Returns whether the statement was of that form.
    fn short_circuit(
        &mut self,
        condition: Handle<Expression>,
        accept: &'a Block,
        reject: &'a Block,
        place: &Place,
    ) -> Result<bool> {
        let [
            Statement::Store {
                pointer,
                value: other,
            },
        ] = reject.iter().collect::<Vec<_>>()[..]
        else {
            return Ok(false);
        };
        let Some(Statement::Store {
            pointer: same,
            value,
        }) = accept.last()
        else {
            return Ok(false);
        };
        let (Some((Root::Local(local), path)), Expression::Literal(Literal::Bool(other))) = (
            flow::root_of(self.function, *pointer),
            &self.function.expressions[*other],
        ) else {
            return Ok(false);
        };
        let before: Vec<_> = accept.iter().take(accept.len() - 1).collect();
        let plain = |s: &&Statement| match s {
            Statement::Emit(_) => true,
            Statement::Call { .. } => !self.passes_pointer(s),
            _ => false,
        };
        // variables of naga's own making are read right after and nowhere else
        let temporary = self.function.local_variables[local].name.is_none() && path.is_empty();
        if !temporary
            || flow::root_of(self.function, *same) != Some((Root::Local(local), path))
            || !before.iter().all(plain)
            || self.cost(accept) >= TEST_FROM
        {
            return Ok(false);
        }
        let condition = self.lanes(condition)?;
        let n = self.number();
        self.line(&format!("let condition_{n} = {};", bare(&condition)));
        for (i, s) in before.iter().enumerate() {
            match s {
                Statement::Emit(range) => {
                    self.emit(range.clone(), before.get(i + 1).copied().or(accept.last()))?
                }
                Statement::Call {
                    function,
                    arguments,
                    result,
                } => self.call(*function, arguments, *result, place)?,
                _ => {}
            }
        }
        let value = self.lanes(*value)?;
        let name = self.locals[local.index()].clone();
        let combined = if *other {
            format!("{value} | !condition_{n}")
        } else {
            format!("{value} & condition_{n}")
        };
        self.line(&format!("{name} = {combined};"));
        Ok(true)
    }

    fn varying_if(
        &mut self,
        condition: Handle<Expression>,
        accept: &'a Block,
        reject: &'a Block,
        place: &Place,
    ) -> Result<()> {
        if self.short_circuit(condition, accept, reject, place)? {
            return Ok(());
        }
        let n = self.number();
        let condition = self.lanes(condition)?;
        let active = &place.active;
        let c = format!("condition_{n}");
        self.line(&format!("let {c} = {};", bare(&condition)));
        let (accepted, rejected) = (kills(accept), kills(reject));
        let mut left = Vec::new();
        for (block, kill, mask) in [
            (accept, accepted, format!("{active} & {c}")),
            (reject, rejected, format!("{active}.and_not({c})")),
        ] {
            if let Some(waiting) = self.only_leaves(block, place) {
                if let Some(waiting) = waiting {
                    self.line(&format!("{waiting} = {waiting} | ({mask});"));
                }
                continue;
            }
            if block.is_empty() {
                left.push(format!("({mask})"));
                continue;
            }
            let k = self.number();
            let inner = format!("active_{k}");
            self.line(&format!("let mut {inner} = {mask};"));
            let test = self.cost(block) >= TEST_FROM;
            self.open(&if test {
                format!("if {inner}.any() {{")
            } else {
                "{".to_owned()
            });
            self.block(block, &place.inside(inner.clone(), None))?;
            self.close("}");
            if !kill.1 {
                left.push(inner);
            }
        }
        if accepted.0 || rejected.0 {
            let left = if left.is_empty() {
                "M::splat(false)".to_owned()
            } else {
                left.join(" | ")
            };
            self.line(&format!("{active} = {};", bare(&left)));
        }
        Ok(())
    }

    /// For a block that is only `break` or `continue` of a construct by masks: the mask where its lanes wait, if any.
    #[expect(
        clippy::option_option,
        reason = "not such a block; such a block whose lanes wait nowhere; and where they wait"
    )]
    fn only_leaves(&self, block: &Block, place: &Place) -> Option<Option<String>> {
        if block.len() != 1 {
            return None;
        }
        match block.first()? {
            Statement::Break => match place.targets.last()? {
                Target::MaskLoop { left, .. } => Some(left.clone()),
                Target::MaskSwitch { left } => Some(Some(left.clone())),
                _ => None,
            },
            Statement::Continue => match self.loop_of(place)? {
                Target::MaskLoop { continued, .. } => Some(continued.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    fn loop_of<'p>(&self, place: &'p Place) -> Option<&'p Target> {
        place
            .targets
            .iter()
            .rev()
            .find(|t| matches!(t, Target::UniformLoop { .. } | Target::MaskLoop { .. }))
    }

    fn uniform_loop(
        &mut self,
        body: &'a Block,
        continuing: &'a Block,
        break_if: Option<Handle<Expression>>,
        place: &Place,
    ) -> Result<()> {
        let label = self.number();
        let block = continues(body) && (!continuing.is_empty() || break_if.is_some());
        let mut inside = place.clone();
        inside.targets.push(Target::UniformLoop { label, block });
        self.open(&format!("'loop_{label}: loop {{"));
        if block {
            self.open(&format!("'body_{label}: {{"));
        }
        self.block(body, &inside)?;
        if block {
            self.close("}");
        }
        self.block(continuing, &inside)?;
        if let Some(e) = break_if {
            let condition = self.uniform(e)?;
            self.line(&format!("if {} {{ break; }}", bare(&condition)));
        }
        self.close("}");
        Ok(())
    }

    fn varying_loop(
        &mut self,
        body: &'a Block,
        continuing: &'a Block,
        break_if: Option<Handle<Expression>>,
        place: &Place,
    ) -> Result<()> {
        let n = self.number();
        let active = format!("active_{n}");
        let left = (returns(body) || returns(continuing)).then(|| format!("left_{n}"));
        let continued = continues(body).then(|| format!("continued_{n}"));
        self.gathered |= left.is_some();
        self.line(&format!("let mut {active} = {};", place.active));
        if let Some(left) = &left {
            self.line(&format!("let mut {left} = M::splat(false);"));
        }
        self.open(&format!("while {active}.any() {{"));
        if let Some(continued) = &continued {
            self.line(&format!("let mut {continued} = M::splat(false);"));
        }
        let target = Target::MaskLoop {
            left: left.clone(),
            continued: continued.clone(),
        };
        let inside = place.inside(active.clone(), Some(target));
        self.loop_masks.push(active.clone());
        self.block(body, &inside)?;
        if let Some(continued) = &continued {
            self.line(&format!("{active} = {active} | {continued};"));
        }
        self.block(continuing, &inside)?;
        self.loop_masks.pop();
        if let Some(e) = break_if {
            let k = self.number();
            let condition = self.lanes(e)?;
            self.line(&format!("let condition_{k} = {};", bare(&condition)));
            if let Some(left) = &left {
                self.line(&format!("{left} = {left} | ({active} & condition_{k});"));
            }
            self.line(&format!("{active} = {active}.and_not(condition_{k});"));
        }
        self.close("}");
        if let Some(left) = left {
            self.line(&format!("{} = {left};", place.active));
            if !place.nested && self.gathers {
                self.line(&format!("if !{}.any() {{ return result; }}", place.active));
            }
        }
        Ok(())
    }

    fn uniform_switch(
        &mut self,
        selector: Handle<Expression>,
        cases: &'a [SwitchCase],
        place: &Place,
    ) -> Result<()> {
        let selector = self.uniform(selector)?;
        let label = self.number();
        let labelled = cases.iter().any(|c| breaks(&c.body));
        let mut inside = place.clone();
        inside.targets.push(Target::UniformSwitch { label });
        if labelled {
            self.open(&format!("'switch_{label}: {{"));
        }
        self.open(&format!("match {} {{", bare(&selector)));
        let mut groups = self.groups(cases)?;
        // `_` comes last, wherever the default stands
        groups.sort_by_key(|(values, _)| values.contains(&SwitchValue::Default));
        for (values, body) in groups {
            let default = values.contains(&SwitchValue::Default);
            let pattern = if default {
                // a pattern that lists the default's companions would be unreachable beside `_`
                "_".to_owned()
            } else {
                values
                    .iter()
                    .map(|v| value_text(*v))
                    .collect::<Vec<_>>()
                    .join(" | ")
            };
            self.open(&format!("{pattern} => {{"));
            self.block(body, &inside)?;
            self.close("}");
        }
        self.close("}");
        if labelled {
            self.close("}");
        }
        Ok(())
    }

    fn varying_switch(
        &mut self,
        selector: Handle<Expression>,
        cases: &'a [SwitchCase],
        place: &Place,
    ) -> Result<()> {
        let n = self.number();
        let splat = match self.inner(selector) {
            TypeInner::Scalar(s) if s.kind == ScalarKind::Sint => "I",
            _ => "U",
        };
        let selector = self.lanes(selector)?;
        let active = &place.active;
        self.line(&format!("let selector_{n} = {};", bare(&selector)));
        let groups = self.groups(cases)?;
        let mut named = Vec::new();
        for (i, (values, _)) in groups.iter().enumerate() {
            if values.contains(&SwitchValue::Default) {
                continue;
            }
            let tests: Vec<_> = values
                .iter()
                .map(|v| format!("selector_{n}.equal({splat}::splat({}))", value_text(*v)))
                .collect();
            self.line(&format!(
                "let mut case_{n}_{i} = {active} & ({});",
                tests.join(" | ")
            ));
            named.push(format!("case_{n}_{i}"));
        }
        for (i, (values, _)) in groups.iter().enumerate() {
            if values.contains(&SwitchValue::Default) {
                let others = if named.is_empty() {
                    "M::splat(false)".to_owned()
                } else {
                    named.join(" | ")
                };
                self.line(&format!(
                    "let mut case_{n}_{i} = {active}.and_not({others});"
                ));
            }
        }
        self.line(&format!("let mut left_{n} = M::splat(false);"));
        for (i, (_, body)) in groups.iter().enumerate() {
            let mask = format!("case_{n}_{i}");
            if !body.is_empty() {
                let target = Target::MaskSwitch {
                    left: format!("left_{n}"),
                };
                let inside = place.inside(mask.clone(), Some(target));
                self.open(&format!("if {mask}.any() {{"));
                self.block(body, &inside)?;
                self.close("}");
            }
            self.line(&format!("left_{n} = left_{n} | {mask};"));
        }
        if cases.iter().any(|c| returns(&c.body) || continues(&c.body)) {
            self.line(&format!("{active} = left_{n};"));
        }
        Ok(())
    }

    /// Cases that share a body, with that body.
    fn groups(&self, cases: &'a [SwitchCase]) -> Result<Vec<(Vec<SwitchValue>, &'a Block)>> {
        let mut groups = Vec::new();
        let mut values = Vec::new();
        for case in cases {
            values.push(case.value);
            if case.fall_through {
                if !case.body.is_empty() {
                    return Err(self.error("a case that runs on into the next is not known"));
                }
                continue;
            }
            groups.push((std::mem::take(&mut values), &case.body));
        }
        Ok(groups)
    }

    fn break_out(&mut self, place: &Place) -> Result<()> {
        let active = &place.active;
        match place.targets.last() {
            Some(Target::UniformLoop { label, .. }) => self.line(&format!("break 'loop_{label};")),
            Some(Target::UniformSwitch { label }) => self.line(&format!("break 'switch_{label};")),
            Some(Target::MaskLoop { left, .. }) => {
                if let Some(left) = left {
                    self.line(&format!("{left} = {left} | {active};"));
                }
                self.line(&format!("{active} = M::splat(false);"));
            }
            Some(Target::MaskSwitch { left }) => {
                self.line(&format!("{left} = {left} | {active};"));
                self.line(&format!("{active} = M::splat(false);"));
            }
            None => return Err(self.error("`break` outside of a loop or switch")),
        }
        Ok(())
    }

    fn continue_on(&mut self, place: &Place) -> Result<()> {
        match self.loop_of(place) {
            Some(Target::UniformLoop { label, block: true }) => {
                self.line(&format!("break 'body_{label};"))
            }
            Some(Target::UniformLoop { label, .. }) => {
                self.line(&format!("continue 'loop_{label};"))
            }
            Some(Target::MaskLoop {
                continued: Some(continued),
                ..
            }) => {
                let (continued, active) = (continued.clone(), &place.active);
                self.line(&format!("{continued} = {continued} | {active};"));
                self.line(&format!("{active} = M::splat(false);"));
            }
            _ => return Err(self.error("`continue` outside of a loop")),
        }
        Ok(())
    }

    fn return_value(
        &mut self,
        value: Option<Handle<Expression>>,
        at_end: bool,
        place: &Place,
    ) -> Result<()> {
        let active = &place.active;
        if let Some(value) = value {
            let value = self.lanes(value)?;
            let value = bare(&value).to_owned();
            if !self.gathers {
                self.line(&value);
                return Ok(());
            }
            if !place.nested && !self.gathered && !at_end {
                self.line(&format!("return {value};"));
                return Ok(());
            }
            if self.gathered {
                self.line(&format!("result.set({active}, {value});"));
            } else {
                self.line(&format!("result = {value};"));
                self.gathered = true;
            }
        }
        if at_end {
            if self.gathers {
                self.line("result");
            }
        } else if place.nested {
            self.line(&format!("{active} = M::splat(false);"));
        } else {
            self.line(if self.gathers {
                "return result;"
            } else {
                "return;"
            });
        }
        Ok(())
    }

    fn call(
        &mut self,
        function: Handle<naga::Function>,
        arguments: &[Handle<Expression>],
        result: Option<Handle<Expression>>,
        place: &Place,
    ) -> Result<()> {
        let facts = self.program.facts[&function];
        let mut texts = Vec::new();
        if facts.needs_tables {
            texts.push("tables".to_owned());
        }
        for &a in arguments {
            texts.push(self.argument(a)?);
        }
        if facts.needs_mask {
            texts.push(place.active.clone());
        }
        let wgsl = self.program.module().functions[function]
            .name
            .as_deref()
            .unwrap_or("function");
        let call = format!("{}({})", super::names::identifier(wgsl), texts.join(", "));
        match result {
            Some(e) if self.users.contains_key(&e) => {
                let name = match self.function.named_expressions.get(&e) {
                    Some(name) => self.unique(name),
                    None => self.unique(&format!("{wgsl}_result")),
                };
                self.line(&format!("let {name} = {call};"));
                self.names.insert(e, name);
            }
            _ => self.line(&format!("{call};")),
        }
        Ok(())
    }

    /// An argument of a call: pointers and composites by reference.
    fn argument(&mut self, e: Handle<Expression>) -> Result<String> {
        if let TypeInner::Pointer { .. } = self.inner(e) {
            return self.pointer_argument(e);
        }
        let text = self.lanes(e)?;
        if by_reference(self.inner(e)) {
            return Ok(
                match text.strip_prefix("(*").and_then(|t| t.strip_suffix(')')) {
                    Some(name) => name.to_owned(),
                    None => format!("&{text}"),
                },
            );
        }
        Ok(bare(&text).to_owned())
    }
}

fn value_text(v: SwitchValue) -> String {
    match v {
        SwitchValue::I32(v) => v.to_string(),
        SwitchValue::U32(v) => v.to_string(),
        SwitchValue::Default => "_".to_owned(),
    }
}
