#include "random_streams.hpp"

#include <numpy/random/bitgen.h>

#include <algorithm>
#include <array>
#include <memory>

// NumPy's own ziggurat, from the library that comes with NumPy: the same numbers.
extern "C" void random_standard_normal_fill_f(bitgen_t* generator, Py_ssize_t count, float* out);

namespace cjsim {

RandomStreamsLayout random_streams;
DrawBlockLayout draw_block;
OwnDrawsLayout own_draws;
DistributionLayout distribution;

namespace {

constexpr long BLOCK_SIZE = 4096;
constexpr uint64_t GOLDEN = 0x9E3779B97F4A7C15ull;

// --- Philox, seeded as numpy.random.SeedSequence seeds it ------------------------------------------

struct Key {
    uint64_t low, high;
};

// The key for some numbers of entropy, none of them longer than 64 bits.
Key seeded(std::initializer_list<uint64_t> entropy) {
    std::array<uint32_t, 16> words{};
    std::size_t count = 0;
    for (uint64_t number : entropy) {
        do {
            words[count++] = static_cast<uint32_t>(number);
            number >>= 32;
        } while (number != 0);
    }
    uint32_t hash_constant = 0x43b0d7e5u;
    const auto hashed = [&](uint32_t value) {
        value ^= hash_constant;
        hash_constant *= 0x931e8875u;
        value *= hash_constant;
        return value ^ (value >> 16);
    };
    const auto mixed = [](uint32_t x, uint32_t y) {
        const uint32_t result = 0xca01f9ddu * x - 0x4973f715u * y;
        return result ^ (result >> 16);
    };
    std::array<uint32_t, 4> pool{};
    for (std::size_t at = 0; at < 4; ++at) pool[at] = hashed(at < count ? words[at] : 0);
    for (std::size_t from = 0; from < 4; ++from)
        for (std::size_t to = 0; to < 4; ++to)
            if (from != to) pool[to] = mixed(pool[to], hashed(pool[from]));
    for (std::size_t from = 4; from < count; ++from)
        for (std::size_t to = 0; to < 4; ++to) pool[to] = mixed(pool[to], hashed(words[from]));
    hash_constant = 0x8b51f9ddu;
    std::array<uint32_t, 4> state{};
    for (std::size_t at = 0; at < 4; ++at) {
        uint32_t value = pool[at] ^ hash_constant;
        hash_constant *= 0x58f38dedu;
        value *= hash_constant;
        state[at] = value ^ (value >> 16);
    }
    return {uint64_t{state[1]} << 32 | state[0], uint64_t{state[3]} << 32 | state[2]};
}

// Four words of Philox 4x64 with ten rounds (Salmon and others 2011), for one value of its counter.
std::array<uint64_t, 4> philox(Key key, uint64_t counter) {
    std::array<uint64_t, 4> words{counter, 0, 0, 0};
    for (int round = 0; round < 10; ++round) {
        const unsigned __int128 first = static_cast<unsigned __int128>(0xD2E7470EE14C6C93ull) * words[0];
        const unsigned __int128 second = static_cast<unsigned __int128>(0xCA5A826395121157ull) * words[2];
        words = {static_cast<uint64_t>(second >> 64) ^ words[1] ^ key.low,
                 static_cast<uint64_t>(second),
                 static_cast<uint64_t>(first >> 64) ^ words[3] ^ key.high,
                 static_cast<uint64_t>(first)};
        key.low += 0x9E3779B97F4A7C15ull;
        key.high += 0xBB67AE8584CAA73Bull;
    }
    return words;
}

// Draw `place` of a column of uniform float32 numbers, as numpy's Generator.random fills one.
float uniform(const Key& key, long place) {
    const long word_number = place / 2;
    const uint64_t drawn = philox(key, static_cast<uint64_t>(word_number / 4 + 1))[word_number % 4];
    const uint32_t half = static_cast<uint32_t>(place % 2 == 0 ? drawn : drawn >> 32);
    const float draw = static_cast<float>(half >> 8) * (1.0f / 16777216.0f) + 0x1p-25f;
    return std::min(draw, 1.0f - 0x1p-24f);
}

// A stream of Philox, as numpy's functions read one.
struct Stream {
    Key key;
    uint64_t counter = 0;
    std::array<uint64_t, 4> words{};
    std::size_t next = 4;
    bool has_half = false;
    uint32_t half = 0;
};

uint64_t next_word(void* state) {
    Stream& stream = *static_cast<Stream*>(state);
    if (stream.next == 4) {
        stream.words = philox(stream.key, ++stream.counter);
        stream.next = 0;
    }
    return stream.words[stream.next++];
}

uint32_t next_half(void* state) {
    Stream& stream = *static_cast<Stream*>(state);
    if (stream.has_half) {
        stream.has_half = false;
        return stream.half;
    }
    const uint64_t drawn = next_word(state);
    stream.has_half = true;
    stream.half = static_cast<uint32_t>(drawn >> 32);
    return static_cast<uint32_t>(drawn);
}

double next_real(void* state) {
    return static_cast<double>(next_word(state) >> 11) * (1.0 / 9007199254740992.0);
}

void fill_with_normals(const Key& key, float* out) {
    Stream stream{key};
    bitgen_t generator{&stream, next_word, next_half, next_real, next_word};
    random_standard_normal_fill_f(&generator, BLOCK_SIZE, out);
}

// --- a column: the draws of a block of cases at one point ------------------------------------------

// Uniform draws are worked out when they are asked for: 94 in 100 never are. Normal ones depend on
// those before them, and are kept. A column of normals that was cut down has only the draws of the
// cases that are still there, by their slots; any other is read by the number of the case.
struct Column {
    PyObject_HEAD
    Key key;
    float* normals;  // null in a uniform column
    long size;
    bool by_slot;
};

extern PyTypeObject column_type;

Column* new_column(const Key& key) {
    Column* column = PyObject_New(Column, &column_type);
    checked(reinterpret_cast<PyObject*>(column));
    column->key = key;
    column->normals = nullptr;
    column->size = BLOCK_SIZE;
    column->by_slot = false;
    return column;
}

void give_normals(Column* column, long size) {
    column->normals = static_cast<float*>(PyMem_Malloc(static_cast<std::size_t>(size) * sizeof(float)));
    column->size = size;
    if (column->normals == nullptr) {
        PyErr_NoMemory();
        throw PythonError{};
    }
}

// A column of normals with some places of another alone.
Ref cut_down(const Column* whole, PyObject* slots) {
    Py_buffer places;
    checked_status(PyObject_GetBuffer(slots, &places, PyBUF_C_CONTIGUOUS));
    Ref result;
    try {
        const long size = static_cast<long>(places.len / static_cast<Py_ssize_t>(sizeof(int64_t)));
        const auto* place = static_cast<const int64_t*>(places.buf);
        if (places.itemsize != sizeof(int64_t)) {
            PyErr_SetString(PyExc_TypeError, "slots are 64-bit integers");
            throw PythonError{};
        }
        Column* column = new_column(whole->key);
        result = Ref::taken(reinterpret_cast<PyObject*>(column));
        give_normals(column, std::max(size, 1L));
        column->size = size;
        column->by_slot = true;
        for (long at = 0; at < size; ++at) {
            if (place[at] < 0 || place[at] >= whole->size) {
                PyErr_SetString(PyExc_IndexError, "no such place in a column of draws");
                throw PythonError{};
            }
            column->normals[at] = whole->normals[place[at]];
        }
    } catch (const PythonError&) {
        PyBuffer_Release(&places);
        throw;
    }
    PyBuffer_Release(&places);
    return result;
}

void column_dealloc(PyObject* self) {
    PyMem_Free(reinterpret_cast<Column*>(self)->normals);
    PyObject_Free(self);
}

PyObject* column_some_of(PyObject* self, PyObject* slots) {
    return guarded([&] {
        const auto* column = reinterpret_cast<const Column*>(self);
        if (column->normals == nullptr) return Py_NewRef(self);
        return cut_down(column, slots).release();
    });
}

PyMethodDef column_methods[] = {
    {"some_of", column_some_of, METH_O, "The draws of some slots, for the cases that are there."},
    {nullptr, nullptr, 0, nullptr},
};

PyTypeObject column_type = {
    .ob_base = PyVarObject_HEAD_INIT(nullptr, 0) .tp_name = "cjsim._native.Column",
    .tp_basicsize = sizeof(Column),
    .tp_dealloc = column_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "The draws of one block of cases at one point.",
    .tp_methods = column_methods,
};

uint64_t as_word(PyObject* number) {
    const uint64_t value = PyLong_AsUnsignedLongLong(number);
    if (value == static_cast<uint64_t>(-1) && PyErr_Occurred()) throw PythonError{};
    return value;
}

Ref column_of(PyObject* block, long point, long occurrence) {
    PyObject* streams = random_streams.check(draw_block.random_streams.of(block));
    PyObject* key = random_streams.key.of(streams);
    PyObject* name = item(random_streams.points.of(streams), point);
    if (!PyTuple_CheckExact(key) || PyTuple_GET_SIZE(key) != 3 || !PyTuple_CheckExact(name) ||
        PyTuple_GET_SIZE(name) != 2) {
        PyErr_SetString(PyExc_TypeError, "random streams have a key of three numbers");
        throw PythonError{};
    }
    Column* column = new_column(
        seeded({as_word(PyTuple_GET_ITEM(key, 0)), as_word(PyTuple_GET_ITEM(key, 1)),
                as_word(PyTuple_GET_ITEM(key, 2)), as_word(PyTuple_GET_ITEM(name, 0)),
                static_cast<uint64_t>(occurrence), as_word(draw_block.block.of(block))}));
    Ref made = Ref::taken(reinterpret_cast<PyObject*>(column));
    if (as_bool(PyTuple_GET_ITEM(name, 1))) {
        give_normals(column, BLOCK_SIZE);
        fill_with_normals(column->key, column->normals);
        PyObject* kept = draw_block.kept.of(block);
        if (kept != Py_None) return cut_down(column, kept);
    }
    return made;
}

// A column that nobody has asked for yet, which the block keeps.
Ref make_column(PyObject* block, long point, long occurrence) {
    Ref column = column_of(block, point, occurrence);
    if (occurrence == 0) {
        set_item(draw_block.first.of(block), point, Py_NewRef(column.get()));
        return column;
    }
    Ref point_number = Ref::taken(PyLong_FromLong(point));
    Ref occurrence_number = Ref::taken(PyLong_FromLong(occurrence));
    Ref key = Ref::taken(PyTuple_Pack(2, point_number.get(), occurrence_number.get()));
    checked_status(PyDict_SetItem(draw_block.later.of(block), key.get(), column.get()));
    return column;
}

Ref column_at(PyObject* block, long point, long occurrence) {
    if (occurrence == 0) {
        PyObject* column = item(draw_block.first.of(block), point);
        if (column != Py_None) return Ref::borrowed(column);
        return make_column(block, point, 0);
    }
    Ref point_number = Ref::taken(PyLong_FromLong(point));
    Ref occurrence_number = Ref::taken(PyLong_FromLong(occurrence));
    Ref key = Ref::taken(PyTuple_Pack(2, point_number.get(), occurrence_number.get()));
    PyObject* column = PyDict_GetItemWithError(draw_block.later.of(block), key.get());
    if (column != nullptr) return Ref::borrowed(column);
    if (PyErr_Occurred()) throw PythonError{};
    return make_column(block, point, occurrence);
}

// --- the draws of one case alone, and of a day -----------------------------------------------------

// SplitMix64 (Steele, Lea and Flood 2014).
uint64_t mixed(uint64_t number) {
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9ull;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBull;
    return number ^ (number >> 31);
}

double unit_interval(uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52; }

uint64_t bits_of(PyObject* number) {
    const uint64_t value = PyLong_AsUnsignedLongLongMask(number);
    if (value == static_cast<uint64_t>(-1) && PyErr_Occurred()) throw PythonError{};
    return value;
}

PyObject* point_name(PyObject* streams, long point) {
    return item(random_streams.points.of(random_streams.check(streams)), point);
}

// The quantile of the standard normal distribution, by the function that Python's `NormalDist` calls:
// a compiler that joins a product and a sum would give another last bit than Python's own.
double normal_quantile(double probability) {
    static PyObject* const function = [] {
        Ref module = Ref::taken(PyImport_ImportModule("statistics"));
        return checked(PyObject_GetAttrString(module.get(), "_normal_dist_inv_cdf"));
    }();
    static PyObject* const mean = checked(PyFloat_FromDouble(0.0));
    static PyObject* const deviation = checked(PyFloat_FromDouble(1.0));
    Ref argument = Ref::taken(PyFloat_FromDouble(probability));
    PyObject* arguments[] = {argument.get(), mean, deviation};
    return as_double(Ref::taken(PyObject_Vectorcall(function, arguments, 3, nullptr)).get());
}

double own_draw(PyObject* draws, long point, long occurrence) {
    PyObject* name = point_name(own_draws.random_streams.of(draws), point);
    const uint64_t bits = mixed(bits_of(own_draws.key.of(draws)) + bits_of(PyTuple_GET_ITEM(name, 0)) +
                                static_cast<uint64_t>(occurrence) * GOLDEN);
    const double u = unit_interval(bits);
    return as_bool(PyTuple_GET_ITEM(name, 1)) ? normal_quantile(u) : u;
}

// --- distributions -----------------------------------------------------------------------------------

double length_within(PyObject* law, double u) {
    const double at_once = distribution.at_once.real(law);
    const double cap = distribution.cap.real(law);
    if (at_once != 0.0) {
        if (u < at_once) return 0.0;
        u = (u - at_once) / (1.0 - at_once);
        if (u <= 0.0) return 0.0;
    }
    PyObject* fixed = distribution.fixed.of(law);
    if (fixed != Py_None) return std::min(as_double(fixed), cap);
    PyObject* mean = distribution.mean.of(law);
    const double length = mean != Py_None
                              ? -as_double(mean) * std::log1p(-u)
                              : std::exp(distribution.mu.real(law) +
                                         distribution.sigma.real(law) * normal_quantile(u));
    return length < cap ? length : cap;
}

PyObject* distribution_of(PyObject* self, PyObject* deviate) {
    return guarded([&] { return checked(PyFloat_FromDouble(length_at(self, as_double(deviate)))); });
}

PyObject* distribution_at(PyObject* self, PyObject* u) {
    return guarded([&] { return checked(PyFloat_FromDouble(length_within(self, as_double(u)))); });
}

PyObject* streams_draw_of_day(PyObject* self, Arguments given, Py_ssize_t count) {
    return guarded([&] {
        PyObject* by_place[3];
        arguments_by_place("draw_of_day", {"point", "number", "day"}, 3, given, count, nullptr,
                           by_place);
        return checked(PyFloat_FromDouble(draw_of_day(self, as_long(by_place[0]),
                                                      as_long(by_place[1]), as_long(by_place[2]))));
    });
}

Twin draw_of_day_twin{random_streams, "draw_of_day", fastcall(streams_draw_of_day), METH_FASTCALL};
Twin of_twin{distribution, "of", distribution_of, METH_O};
Twin at_twin{distribution, "at", distribution_at, METH_O};

}  // namespace

double draw_from(PyObject* columns, long point, long occurrence, long number, PyObject* slot) {
    if (own_draws.is(columns)) return own_draw(columns, point, occurrence);
    Ref column = column_at(draw_block.check(columns), point, occurrence);
    if (Py_TYPE(column.get()) != &column_type) {
        // Made by the Python engine, which this world began with.
        Ref draw = Ref::taken(PyObject_GetItem(column.get(), slot));
        return as_double(draw.get());
    }
    const auto* draws = reinterpret_cast<const Column*>(column.get());
    if (draws->normals == nullptr) return uniform(draws->key, number & (BLOCK_SIZE - 1));
    const long place = draws->by_slot ? as_long(slot) : number & (BLOCK_SIZE - 1);
    if (place < 0 || place >= draws->size) {
        PyErr_SetString(PyExc_IndexError, "no such place in a column of draws");
        throw PythonError{};
    }
    return draws->normals[place];
}

double draw_of_day(PyObject* streams, long point, long number, long day) {
    const uint64_t name = bits_of(PyTuple_GET_ITEM(point_name(streams, point), 0));
    const uint64_t key = bits_of(random_streams.own_key.of(streams));
    const uint64_t of_case = mixed(key + static_cast<uint64_t>(number) * GOLDEN);
    return unit_interval(mixed(of_case + name + static_cast<uint64_t>(day) * GOLDEN));
}

double length_at(PyObject* law, double deviate) {
    distribution.check(law);
    if (distribution.lognormal.truth(law)) {
        const double length =
            std::exp(distribution.mu.real(law) + distribution.sigma.real(law) * deviate);
        const double cap = distribution.cap.real(law);
        return length < cap ? length : cap;
    }
    static const double ROOT_2 = std::sqrt(2.0);
    return length_within(law, 0.5 * std::erfc(-deviate / ROOT_2));
}

void make_column_type(PyObject*) { checked_status(PyType_Ready(&column_type)); }

}  // namespace cjsim
