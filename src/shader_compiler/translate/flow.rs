//! What is the same in every lane, and where lanes part ways.
//!
//! Three questions, answered together until nothing changes:
//!
//! 1. Which expressions and variables are *uniform*: one scalar serves all lanes.
//! 2. Which `if`, `switch` and `loop` statements are *varying*: lanes may take them differently, so they run by masks.
//! 3. Which stores are *masked*: lanes that are off at that moment will still read the old value.
//!
//! The third is answered by liveness. Lanes that are off wait for a join (the end of an `if`, of a loop they have left,
//! of the iteration they have continued). A variable is *pending* where some waiting lane may read it after its join.
//! A store to a pending variable must be masked, and such a variable cannot be uniform; any other store may overwrite all
//! lanes. A uniform variable is thus one that only uniform values are stored to and that is never pending where it is
//! stored to.

use super::local_set::LocalSet;
use naga::valid::FunctionInfo;
use naga::{
    AddressSpace, Block, Expression, Function, Handle, LocalVariable, MathFunction, Module,
    ScalarKind, Statement, TypeInner,
};
use std::collections::{HashMap, HashSet};

/// Where a pointer expression starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A local variable.
    Local(Handle<LocalVariable>),
    /// A pointer parameter.
    Argument(u32),
    /// A global variable.
    Global(Handle<naga::GlobalVariable>),
}

/// One step from a composite to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A member, component, column or element known when compiling.
    Constant(u32),
    /// An element by a computed index.
    Dynamic(Handle<Expression>),
}

/// Follows a pointer to its root; `None` if it is not built of variables and accesses alone.
pub fn root_of(function: &Function, mut pointer: Handle<Expression>) -> Option<(Root, Vec<Step>)> {
    let mut path = Vec::new();
    let root = loop {
        match function.expressions[pointer] {
            Expression::AccessIndex { base, index } => {
                path.push(Step::Constant(index));
                pointer = base;
            }
            Expression::Access { base, index } => {
                path.push(Step::Dynamic(index));
                pointer = base;
            }
            Expression::LocalVariable(local) => break Root::Local(local),
            Expression::FunctionArgument(i) => break Root::Argument(i),
            Expression::GlobalVariable(global) => break Root::Global(global),
            _ => return None,
        }
    };
    path.reverse();
    Some((root, path))
}

/// A statement's identity within its function.
pub fn key(statement: &Statement) -> usize {
    std::ptr::from_ref(statement) as usize
}

/// Calls `f` on every statement of a block and of the blocks within.
pub fn for_each<'a>(block: &'a Block, f: &mut dyn FnMut(&'a Statement)) {
    for statement in block.iter() {
        f(statement);
        for inner in blocks_of(statement) {
            for_each(inner, f);
        }
    }
}

/// The blocks inside a statement.
pub fn blocks_of(statement: &Statement) -> Vec<&Block> {
    match statement {
        Statement::Block(block) => vec![block],
        Statement::If { accept, reject, .. } => vec![accept, reject],
        Statement::Switch { cases, .. } => cases.iter().map(|c| &c.body).collect(),
        Statement::Loop {
            body, continuing, ..
        } => vec![body, continuing],
        _ => Vec::new(),
    }
}

/// Whether a block holds a `return`.
pub fn returns(block: &Block) -> bool {
    let mut found = false;
    for_each(block, &mut |s| {
        found |= matches!(s, Statement::Return { .. } | Statement::Kill)
    });
    found
}

/// Whether a block holds a `continue` of the loop around it.
pub fn continues(block: &Block) -> bool {
    block.iter().any(|s| match s {
        Statement::Continue => true,
        Statement::Loop { .. } => false,
        _ => blocks_of(s).into_iter().any(continues),
    })
}

/// Whether a block holds a `break` of the loop or switch around it.
pub fn breaks(block: &Block) -> bool {
    block.iter().any(|s| match s {
        Statement::Break => true,
        Statement::Loop { .. } | Statement::Switch { .. } => false,
        _ => blocks_of(s).into_iter().any(breaks),
    })
}

/// The answers for one function.
#[derive(Debug)]
pub struct Flow {
    uniform: Vec<bool>,
    uniform_locals: Vec<bool>,
    varying: HashSet<usize>,
    masked: HashSet<usize>,
}

impl Flow {
    /// Whether an expression is one scalar (or vector of scalars) for all lanes.
    pub fn is_uniform(&self, e: Handle<Expression>) -> bool {
        self.uniform[e.index()]
    }
    /// Whether a variable is one scalar (or vector of scalars) for all lanes.
    pub fn is_uniform_local(&self, local: Handle<LocalVariable>) -> bool {
        self.uniform_locals[local.index()]
    }
    /// Whether an `if`, `switch` or `loop` runs by masks.
    pub fn is_varying(&self, statement: &Statement) -> bool {
        self.varying.contains(&key(statement))
    }
    /// Whether a store must spare lanes that are off.
    pub fn is_masked(&self, statement: &Statement) -> bool {
        self.masked.contains(&key(statement))
    }
    /// Whether any statement runs by masks.
    pub fn has_varying(&self) -> bool {
        !self.varying.is_empty()
    }
}

/// Answers the three questions for a function.
pub fn analyse(module: &Module, function: &Function, info: &FunctionInfo) -> Flow {
    let n = function.local_variables.len();
    let mut analysis = Analysis {
        module,
        function,
        info,
        flow: Flow {
            uniform: Vec::new(),
            uniform_locals: function
                .local_variables
                .iter()
                .map(|(_, v)| can_be_uniform(&module.types[v.ty].inner))
                .collect(),
            varying: HashSet::new(),
            masked: HashSet::new(),
        },
        live_after: HashMap::new(),
        live_before: HashMap::new(),
        demoted: false,
    };
    // what is indexed by computed values is kept in lanes
    for (_, expression) in function.expressions.iter() {
        if let Expression::Load { pointer } = *expression
            && let Some((Root::Local(local), path)) = root_of(function, pointer)
            && path.iter().any(|s| matches!(s, Step::Dynamic(_)))
        {
            analysis.demote(local);
        }
    }
    loop {
        analysis.expressions();
        analysis.flow.varying.clear();
        analysis.find_varying(&function.body, false);
        let nothing = LocalSet::empty(n);
        let targets = Targets {
            on_break: nothing.clone(),
            on_continue: nothing.clone(),
        };
        analysis.live(&function.body, nothing.clone(), &targets);
        analysis.flow.masked.clear();
        analysis.demoted = false;
        analysis.stores(&function.body, &nothing);
        if !analysis.demoted {
            return analysis.flow;
        }
    }
}

/// Types whose values may stay scalars: numbers, bools and vectors of floats.
fn can_be_uniform(inner: &TypeInner) -> bool {
    match inner {
        TypeInner::Scalar(_) => true,
        TypeInner::Vector { scalar, .. } => scalar.kind == ScalarKind::Float,
        _ => false,
    }
}

/// What is live where `break` and `continue` lead.
struct Targets {
    on_break: LocalSet,
    on_continue: LocalSet,
}

struct Analysis<'a> {
    module: &'a Module,
    function: &'a Function,
    info: &'a FunctionInfo,
    flow: Flow,
    live_after: HashMap<usize, LocalSet>,
    /// By the address of a block.
    live_before: HashMap<usize, LocalSet>,
    demoted: bool,
}

impl<'a> Analysis<'a> {
    fn expressions(&mut self) {
        let mut uniform = vec![false; self.function.expressions.len()];
        for (h, e) in self.function.expressions.iter() {
            let u = |h: Handle<Expression>| uniform[h.index()];
            let fits = can_be_uniform(self.info[h].ty.inner_with(&self.module.types));
            uniform[h.index()] = match *e {
                // constant arrays are tables of scalars
                Expression::Constant(_) => true,
                Expression::Literal(_) | Expression::ZeroValue(_) => fits,
                Expression::Load { pointer } => fits && self.uniform_load(pointer, &uniform),
                Expression::Compose { ref components, .. } => {
                    fits && components.iter().all(|&c| u(c))
                }
                Expression::AccessIndex { base, .. } => fits && u(base),
                Expression::Access { base, index } => {
                    fits && u(base)
                        && u(index)
                        && matches!(self.function.expressions[base], Expression::Constant(_))
                }
                Expression::Splat { value, .. } => fits && u(value),
                Expression::Swizzle { vector, .. } => fits && u(vector),
                Expression::Unary { expr, .. } | Expression::As { expr, .. } => fits && u(expr),
                Expression::Binary { left, right, .. } => fits && u(left) && u(right),
                Expression::Select {
                    condition,
                    accept,
                    reject,
                } => fits && u(condition) && u(accept) && u(reject),
                Expression::Math {
                    fun,
                    arg,
                    arg1,
                    arg2,
                    ..
                } => {
                    fits && has_scalar_form(fun)
                        && u(arg)
                        && arg1.is_none_or(u)
                        && arg2.is_none_or(u)
                }
                Expression::ArrayLength(_) => true,
                _ => false,
            };
        }
        self.flow.uniform = uniform;
    }

    fn uniform_load(&self, pointer: Handle<Expression>, uniform: &[bool]) -> bool {
        let Some((root, path)) = root_of(self.function, pointer) else {
            return false;
        };
        let dynamic = path.iter().any(|s| matches!(s, Step::Dynamic(_)));
        match root {
            Root::Local(local) => !dynamic && self.flow.uniform_locals[local.index()],
            Root::Argument(_) => false,
            Root::Global(global) => match self.module.global_variables[global].space {
                AddressSpace::Uniform => !dynamic,
                AddressSpace::Storage { .. } => path.iter().enumerate().all(|(i, s)| match *s {
                    Step::Dynamic(index) => i == 0 && uniform[index.index()],
                    Step::Constant(_) => true,
                }),
                _ => false,
            },
        }
    }

    /// Marks statements that run by masks; `nested` within such a statement.
    fn find_varying(&mut self, block: &Block, nested: bool) {
        for s in block.iter() {
            let varying = match s {
                Statement::If { condition, .. } => !self.flow.is_uniform(*condition),
                Statement::Switch { .. } => self.switch_varies(s),
                Statement::Loop {
                    body, continuing, ..
                } => {
                    self.loop_varies(s, nested)
                        || (continues(body) && self.uses_values_of(body, s, continuing))
                }
                _ => false,
            };
            if varying {
                self.flow.varying.insert(key(s));
            }
            for inner in blocks_of(s) {
                self.find_varying(inner, nested || varying);
            }
        }
    }

    fn switch_varies(&self, s: &Statement) -> bool {
        let Statement::Switch { selector, cases } = s else {
            return false;
        };
        let exits = Exits {
            breaks: true,
            continues: false,
            returns: None,
        };
        !self.flow.is_uniform(*selector) || cases.iter().any(|c| self.uneven(&c.body, false, exits))
    }

    fn loop_varies(&self, s: &Statement, nested: bool) -> bool {
        let Statement::Loop {
            body,
            continuing,
            break_if,
        } = s
        else {
            return false;
        };
        let exits = Exits {
            breaks: true,
            continues: true,
            returns: Some(nested),
        };
        break_if.is_some_and(|b| !self.flow.is_uniform(b))
            || self.uneven(body, false, exits)
            || self.uneven(continuing, false, exits)
    }

    /// Whether lanes may leave the statement around `block` at different times; `varying` where only some lanes may be on.
    fn uneven(&self, block: &Block, varying: bool, exits: Exits) -> bool {
        block.iter().any(|s| match s {
            Statement::Break => varying && exits.breaks,
            Statement::Continue => varying && exits.continues,
            Statement::Return { .. } | Statement::Kill => {
                exits.returns.is_some_and(|nested| nested || varying)
            }
            Statement::Block(block) => self.uneven(block, varying, exits),
            Statement::If {
                condition,
                accept,
                reject,
            } => {
                let varying = varying || !self.flow.is_uniform(*condition);
                self.uneven(accept, varying, exits) || self.uneven(reject, varying, exits)
            }
            Statement::Switch { cases, .. } => {
                let varying = varying || self.switch_varies(s);
                let exits = Exits {
                    breaks: false,
                    ..exits
                };
                cases.iter().any(|c| self.uneven(&c.body, varying, exits))
            }
            Statement::Loop {
                body, continuing, ..
            } => {
                let varying = varying || self.loop_varies(s, varying);
                let exits = Exits {
                    breaks: false,
                    continues: false,
                    ..exits
                };
                self.uneven(body, varying, exits) || self.uneven(continuing, varying, exits)
            }
            _ => false,
        })
    }

    /// Whether the end of a loop uses values computed in its body.
    fn uses_values_of(&self, body: &Block, whole: &Statement, continuing: &Block) -> bool {
        let mut inside = HashSet::new();
        for_each(body, &mut |s| match s {
            Statement::Emit(range) => inside.extend(range.clone()),
            Statement::Call {
                result: Some(result),
                ..
            } => {
                inside.insert(*result);
            }
            _ => {}
        });
        let mut used = false;
        for_each(continuing, &mut |s| {
            if let Statement::Emit(range) = s {
                for e in range.clone() {
                    operands(&self.function.expressions[e], &mut |o| {
                        used |= inside.contains(&o)
                    });
                }
            }
            statement_operands(s, &mut |o| used |= inside.contains(&o));
        });
        if let Statement::Loop {
            break_if: Some(b), ..
        } = whole
        {
            used |= inside.contains(b);
        }
        used
    }

    /// Variables that may be read from the start of `block` on, given what may be read after it.
    fn live(&mut self, block: &Block, after: LocalSet, targets: &Targets) -> LocalSet {
        let mut live = after;
        let statements: Vec<&Statement> = block.iter().collect();
        for s in statements.into_iter().rev() {
            match s {
                Statement::Emit(range) => {
                    for e in range.clone() {
                        if let Expression::Load { pointer } = self.function.expressions[e]
                            && let Some((Root::Local(local), _)) = root_of(self.function, pointer)
                        {
                            live.insert(local);
                        }
                    }
                }
                Statement::Store { pointer, .. } => {
                    if let Some((Root::Local(local), path)) = root_of(self.function, *pointer)
                        && path.is_empty()
                    {
                        live.remove(local);
                    }
                }
                Statement::Call { arguments, .. } => {
                    for &a in arguments {
                        if let Some((Root::Local(local), _)) = root_of(self.function, a) {
                            live.insert(local);
                        }
                    }
                }
                Statement::Return { .. } | Statement::Kill => {
                    live = LocalSet::empty(self.function.local_variables.len())
                }
                Statement::Break => live = targets.on_break.clone(),
                Statement::Continue => live = targets.on_continue.clone(),
                Statement::Block(block) => live = self.live(block, live, targets),
                Statement::If { accept, reject, .. } => {
                    self.live_after.insert(key(s), live.clone());
                    let accepted = self.live(accept, live.clone(), targets);
                    live = self.live(reject, live, targets).united(&accepted);
                }
                Statement::Switch { cases, .. } => {
                    self.live_after.insert(key(s), live.clone());
                    let inside = Targets {
                        on_break: live.clone(),
                        on_continue: targets.on_continue.clone(),
                    };
                    let after = live.clone();
                    let mut next = live.clone();
                    for case in cases.iter().rev() {
                        let out = if case.fall_through {
                            next
                        } else {
                            after.clone()
                        };
                        next = self.live(&case.body, out, &inside);
                        live.unite(&next);
                    }
                }
                Statement::Loop {
                    body, continuing, ..
                } => {
                    self.live_after.insert(key(s), live.clone());
                    let after = live.clone();
                    let mut again = live.clone();
                    loop {
                        let inside = Targets {
                            on_break: after.clone(),
                            on_continue: LocalSet::empty(self.function.local_variables.len()),
                        };
                        let before_continuing =
                            self.live(continuing, again.united(&after), &inside);
                        let inside = Targets {
                            on_break: after.clone(),
                            on_continue: before_continuing.clone(),
                        };
                        let before_body =
                            self.live(body, before_continuing, &inside).united(&again);
                        if before_body == again {
                            break;
                        }
                        again = before_body;
                    }
                    live = again;
                }
                _ => {}
            }
        }
        self.live_before
            .insert(std::ptr::from_ref(block) as usize, live.clone());
        live
    }

    fn live_before(&self, block: &Block) -> &LocalSet {
        &self.live_before[&(std::ptr::from_ref(block) as usize)]
    }

    /// Finds masked stores, given the variables pending around `block`, and demotes variables that cannot be uniform.
    fn stores(&mut self, block: &Block, pending: &LocalSet) {
        for s in block.iter() {
            match s {
                Statement::Store { pointer, value } => match root_of(self.function, *pointer) {
                    Some((Root::Local(local), path)) => {
                        let masked = pending.contains(local);
                        if masked {
                            self.flow.masked.insert(key(s));
                        }
                        let dynamic = path.iter().any(|p| matches!(p, Step::Dynamic(_)));
                        if masked || dynamic || !self.flow.is_uniform(*value) {
                            self.demote(local);
                        }
                    }
                    // the caller's lanes that are off may read it
                    _ => {
                        self.flow.masked.insert(key(s));
                    }
                },
                Statement::Call { arguments, .. } => {
                    for &a in arguments {
                        if let Some((Root::Local(local), _)) = root_of(self.function, a)
                            && matches!(
                                self.info[a].ty.inner_with(&self.module.types),
                                TypeInner::Pointer { .. }
                            )
                        {
                            self.demote(local);
                        }
                    }
                }
                Statement::Block(block) => self.stores(block, pending),
                Statement::If { accept, reject, .. } if self.flow.is_varying(s) => {
                    let join = pending.united(&self.live_after[&key(s)]);
                    let other = join.united(self.live_before(reject));
                    self.stores(accept, &other);
                    self.stores(reject, &join);
                }
                Statement::Switch { cases, .. } if self.flow.is_varying(s) => {
                    let mut waiting = pending.united(&self.live_after[&key(s)]);
                    for case in cases.iter().rev() {
                        self.stores(&case.body, &waiting);
                        let before = self.live_before(&case.body).clone();
                        waiting.unite(&before);
                    }
                }
                Statement::Loop {
                    body, continuing, ..
                } if self.flow.is_varying(s) => {
                    let join = pending.united(&self.live_after[&key(s)]);
                    let in_body = if continues(body) {
                        join.united(self.live_before(continuing))
                    } else {
                        join.clone()
                    };
                    self.stores(body, &in_body);
                    self.stores(continuing, &join);
                }
                _ => {
                    for inner in blocks_of(s) {
                        self.stores(inner, pending);
                    }
                }
            }
        }
    }

    fn demote(&mut self, local: Handle<LocalVariable>) {
        if std::mem::take(&mut self.flow.uniform_locals[local.index()]) {
            self.demoted = true;
        }
    }
}

/// Which exits of the statement in question a nested block can reach.
#[derive(Clone, Copy)]
struct Exits {
    breaks: bool,
    continues: bool,
    /// `Some(nested)` if returns count: for a nested statement all of them do, because they do not end the function.
    returns: Option<bool>,
}

/// Built-ins that the runtime also has for plain scalars and vectors of them.
fn has_scalar_form(fun: MathFunction) -> bool {
    use MathFunction as F;
    !matches!(
        fun,
        F::Modf
            | F::Frexp
            | F::Ldexp
            | F::Outer
            | F::Inverse
            | F::Transpose
            | F::Determinant
            | F::ExtractBits
            | F::InsertBits
    )
}

/// The expressions that an expression is made of.
pub fn operands(e: &Expression, f: &mut dyn FnMut(Handle<Expression>)) {
    match *e {
        Expression::Compose { ref components, .. } => components.iter().for_each(|&c| f(c)),
        Expression::Access { base, index } => {
            f(base);
            f(index);
        }
        Expression::AccessIndex { base, .. } => f(base),
        Expression::Splat { value, .. } => f(value),
        Expression::Swizzle { vector, .. } => f(vector),
        Expression::Load { pointer } => f(pointer),
        Expression::Unary { expr, .. }
        | Expression::As { expr, .. }
        | Expression::ArrayLength(expr) => f(expr),
        Expression::Binary { left, right, .. } => {
            f(left);
            f(right);
        }
        Expression::Select {
            condition,
            accept,
            reject,
        } => {
            f(condition);
            f(accept);
            f(reject);
        }
        Expression::Relational { argument, .. } => f(argument),
        Expression::Math {
            arg,
            arg1,
            arg2,
            arg3,
            ..
        } => {
            f(arg);
            [arg1, arg2, arg3].into_iter().flatten().for_each(f);
        }
        _ => {}
    }
}

/// The expressions that a statement (without the blocks inside it) uses.
pub fn statement_operands(s: &Statement, f: &mut dyn FnMut(Handle<Expression>)) {
    match s {
        Statement::If { condition, .. } => f(*condition),
        Statement::Switch { selector, .. } => f(*selector),
        Statement::Loop {
            break_if: Some(b), ..
        } => f(*b),
        Statement::Return { value: Some(v) } => f(*v),
        Statement::Store { pointer, value } => {
            f(*pointer);
            f(*value);
        }
        Statement::Call { arguments, .. } => arguments.iter().for_each(|&a| f(a)),
        _ => {}
    }
}
