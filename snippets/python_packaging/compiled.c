// A module in C with one function.

// file: ~/adder/adder.c
// --8<-- [start:module]
#include <Python.h>

static PyObject *add(PyObject *self, PyObject *args) {
    long a, b;
    if (!PyArg_ParseTuple(args, "ll", &a, &b))
        return NULL;
    return PyLong_FromLong(a + b);
}

static PyMethodDef functions[] = {
    {"add", add, METH_VARARGS, "Return a + b."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef adder = {
    PyModuleDef_HEAD_INIT, "adder", NULL, 0, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_adder(void) { return PyModule_Create(&adder); }
// --8<-- [end:module]
