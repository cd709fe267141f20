//! One function: its signature, its variables, and the state while its body is written.

use super::super::error::{Error, Result};
use super::flow::{self, Flow};
use super::names::identifier;
use super::program::{Facts, Inlining, Program};
use super::types::{self, Shape};
use naga::valid::FunctionInfo;
use naga::{Block, Expression, Function, Handle, Span, Statement, Type, TypeInner};
use std::collections::HashMap;
use std::fmt::Write;

/// Where the value of an expression is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// By one expression.
    Expression(Handle<Expression>),
    /// By one statement, by its key.
    Statement(usize),
    /// In several places.
    Several,
}

/// A function being written.
pub struct Writer<'a> {
    /// The module and the form.
    pub program: &'a Program<'a>,
    /// The function.
    pub function: &'a Function,
    /// naga's knowledge of its expressions.
    pub info: &'a FunctionInfo,
    /// What is uniform, varying and masked in it.
    pub flow: &'a Flow,
    /// Facts of this function.
    pub facts: Facts,
    /// Names of expressions that were given a `let`.
    pub names: HashMap<Handle<Expression>, String>,
    /// Names of local variables, by index.
    pub locals: Vec<String>,
    /// Names of parameters.
    pub arguments: Vec<String>,
    /// Users of expressions.
    pub users: HashMap<Handle<Expression>, User>,
    /// The result is gathered in the variable `result` instead of being returned where it is known.
    pub gathers: bool,
    /// A value has been put into `result`, or control is in a loop where one may have been.
    pub gathered: bool,
    /// The place of the statement being written.
    pub span: Span,
    /// The mask at the statement being written.
    pub active: String,
    /// Masks of the loops around it that run by masks.
    pub loop_masks: Vec<String>,
    out: String,
    indent: usize,
    numbers: HashMap<String, usize>,
    fresh: usize,
}

/// The text of a function.
///
/// # Errors
/// A construct that has no translation.
pub fn write(program: &Program<'_>, handle: Handle<Function>, flow: &Flow) -> Result<String> {
    let function = &program.module().functions[handle];
    let mut writer = Writer {
        program,
        function,
        info: &program.linked.info[handle],
        flow,
        facts: program.facts[&handle],
        names: HashMap::new(),
        locals: Vec::new(),
        arguments: Vec::new(),
        users: users(function),
        gathers: gathers(function),
        gathered: false,
        span: program.module().functions.get_span(handle),
        active: "active".to_owned(),
        loop_masks: Vec::new(),
        out: String::new(),
        indent: 1,
        numbers: HashMap::new(),
        fresh: 0,
    };
    let signature = writer.signature()?;
    writer.variables()?;
    writer.body()?;
    let mut text = String::new();
    if let Some(docs) = program
        .module()
        .doc_comments
        .as_ref()
        .and_then(|d| d.functions.get(&handle))
    {
        for line in docs {
            let _ = writeln!(text, "{}", line.trim());
        }
    }
    let inlining = writer.facts.inlining;
    let goes_into_callers = matches!(inlining, Inlining::Always | Inlining::Once);
    match inlining {
        Inlining::Always | Inlining::Once => text.push_str("#[inline(always)]\n"),
        Inlining::Maybe => text.push_str("#[inline]\n"),
        Inlining::Never => text.push_str("#[inline(never)]\n"),
    }
    let has_attribute = !program.form.attribute.is_empty();
    if has_attribute && !goes_into_callers {
        let _ = writeln!(text, "{}", program.form.attribute);
    }
    let body = &writer.out;
    if has_attribute && inlining == Inlining::Once {
        let _ = writeln!(
            text,
            "{signature} {{\n    // SAFETY: it goes into functions of this instruction set alone\n    unsafe {{\n{body}    }}\n}}\n"
        );
    } else {
        let _ = writeln!(text, "{signature} {{\n{body}}}\n");
    }
    Ok(text)
}

/// Whether a function needs a variable for its result: more than one `return`, or one that is not its end.
fn gathers(function: &Function) -> bool {
    let mut n = 0;
    flow::for_each(&function.body, &mut |s| {
        n += usize::from(matches!(s, Statement::Return { .. }))
    });
    function.result.is_some()
        && (n != 1 || !matches!(function.body.last(), Some(Statement::Return { .. })))
}

fn users(function: &Function) -> HashMap<Handle<Expression>, User> {
    let mut users = HashMap::new();
    let mut add = |e: Handle<Expression>, user: User| {
        users
            .entry(e)
            .and_modify(|u| *u = User::Several)
            .or_insert(user);
    };
    // expressions that are never evaluated use nothing
    let mut live = vec![false; function.expressions.len()];
    flow::for_each(&function.body, &mut |s| {
        flow::statement_operands(s, &mut |e| live[e.index()] = true)
    });
    let all: Vec<_> = function.expressions.iter().collect();
    for (h, e) in all.into_iter().rev() {
        if live[h.index()] {
            flow::operands(e, &mut |o| {
                live[o.index()] = true;
                add(o, User::Expression(h));
            });
        }
    }
    flow::for_each(&function.body, &mut |s| {
        flow::statement_operands(s, &mut |e| add(e, User::Statement(flow::key(s))));
    });
    users
}

impl<'a> Writer<'a> {
    /// Type of an expression.
    pub fn inner(&self, e: Handle<Expression>) -> &'a TypeInner {
        self.info[e].ty.inner_with(&self.program.module().types)
    }

    /// A fault at the statement being written.
    pub fn error(&self, message: impl Into<String>) -> Error {
        self.program.error(self.span, message)
    }

    /// A fault at an expression.
    pub fn error_at(&self, e: Handle<Expression>, message: impl Into<String>) -> Error {
        let span = self.function.expressions.get_span(e);
        self.program
            .error(if span.is_defined() { span } else { self.span }, message)
    }

    /// Writes one line.
    pub fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes what opens a block.
    pub fn open(&mut self, text: &str) {
        self.line(text);
        self.indent += 1;
    }

    /// Writes what closes a block.
    pub fn close(&mut self, text: &str) {
        self.indent -= 1;
        self.line(text);
    }

    /// Writes what closes a block and opens another.
    pub fn reopen(&mut self, text: &str) {
        self.close(text);
        self.indent += 1;
    }

    /// A number that no other call gave.
    pub fn number(&mut self) -> usize {
        self.fresh += 1;
        self.fresh
    }

    /// An identifier for `name` that no other value of the function has.
    pub fn unique(&mut self, name: &str) -> String {
        let base = identifier(name);
        let n = self.numbers.entry(base.clone()).or_insert(0);
        *n += 1;
        if *n == 1 { base } else { format!("{base}_{n}") }
    }

    /// The Rust type of values of a type.
    pub fn value_type(&self, ty: Handle<Type>, shape: Shape) -> Result<String> {
        types::value(self.program.module(), ty, shape)
            .ok_or_else(|| self.error("a value of this type cannot exist on the CPU"))
    }

    fn signature(&mut self) -> Result<String> {
        let mut parameters = Vec::new();
        if self.facts.needs_tables {
            parameters.push("tables: &Bound<'_>".to_owned());
        }
        for argument in &self.function.arguments {
            let name = self.unique(argument.name.as_deref().unwrap_or("argument"));
            let ty = self.value_type(argument.ty, Shape::Lanes)?;
            let reference = types::by_reference(&self.program.module().types[argument.ty].inner);
            parameters.push(format!("{name}: {}{ty}", if reference { "&" } else { "" }));
            self.arguments.push(name);
        }
        if self.facts.needs_mask {
            parameters.push("mut active: M".to_owned());
        }
        let name = identifier(self.function.name.as_deref().unwrap_or("function"));
        let result = match &self.function.result {
            Some(result) => format!(" -> {}", self.value_type(result.ty, Shape::Lanes)?),
            None => String::new(),
        };
        Ok(format!("pub fn {name}({}){result}", parameters.join(", ")))
    }

    fn variables(&mut self) -> Result<()> {
        for (handle, variable) in self.function.local_variables.iter() {
            self.span = self.function.local_variables.get_span(handle);
            let name = self.unique(variable.name.as_deref().unwrap_or("variable"));
            let shape = if self.flow.is_uniform_local(handle) {
                Shape::Uniform
            } else {
                Shape::Lanes
            };
            let init = match (variable.init, shape) {
                (Some(init), Shape::Uniform) => self.uniform(init)?,
                (Some(init), Shape::Lanes) => self.lanes(init)?,
                (None, _) => "Zero::zero()".to_owned(),
            };
            let ty = self.value_type(variable.ty, shape)?;
            self.line(&format!(
                "let mut {name}: {ty} = {};",
                super::names::bare(&init)
            ));
            self.locals.push(name);
        }
        if self.gathers
            && let Some(result) = &self.function.result
        {
            let ty = self.value_type(result.ty, Shape::Lanes)?;
            self.line(&format!("let mut result: {ty} = Zero::zero();"));
        }
        Ok(())
    }

    fn body(&mut self) -> Result<()> {
        let function: &'a Function = self.function;
        self.top(&function.body)?;
        if self.gathers && !matches!(function.body.last(), Some(Statement::Return { .. })) {
            self.line("result");
        }
        Ok(())
    }

    /// Estimated operations of a block.
    pub fn cost(&self, block: &Block) -> usize {
        self.program.cost(self.function, block)
    }
}
