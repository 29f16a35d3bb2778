/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_FIELDS_TEST_TABLE_H
#define AK_FIELDS_TEST_TABLE_H
/* A table with every type, for the unit tests and the fuzz target. */
#include "json/fields.h"

struct wheel {
    const char *maker;
    int64_t size;
};

struct car {
    const char *id, *name, *colour, *extra, *secret, *hostname, *doors_text;
    int64_t seats, built_us, doors;
    bool electric, recalled;
    struct wheel *spare;
    struct ak_list wheels, tags;
    struct ak_map metadata;
    struct ak_given given;
};

static const struct ak_field wheel_rows[] = {
    {"maker", AK_STR, offsetof(struct wheel, maker), AK_CREATE | AK_UPDATE | AK_REQUIRED, .min = 1},
    {"size", AK_INT, offsetof(struct wheel, size), AK_CREATE | AK_UPDATE, .min = 10, .max = 30},
};
static const struct ak_fields wheel_fields = AK_FIELDS("wheel", struct wheel, wheel_rows);

static const char *const car_colours[] = {"red", "blue", NULL};
static const struct ak_field car_rows[] = {
    {"id", AK_UUID, offsetof(struct car, id), AK_FILTER},
    {"name", AK_STR, offsetof(struct car, name), AK_CREATE | AK_UPDATE | AK_REQUIRED, .min = 1,
     .max = 10, .doc = "What it is called."},
    {"colour", AK_STR, offsetof(struct car, colour), AK_CREATE | AK_UPDATE | AK_NULLABLE,
     .choices = car_colours},
    {"hostname", AK_STR, offsetof(struct car, hostname), AK_CREATE | AK_OMIT_NULL,
     .pattern = "[a-z][a-z0-9-]*|[0-9]+"},
    {"seats", AK_INT, offsetof(struct car, seats), AK_CREATE | AK_LENIENT, .min = 1, .max = 9},
    {"doors", AK_INT, offsetof(struct car, doors), AK_CREATE | AK_OMIT_NULL, .since = 5},
    {"doors", AK_STR, offsetof(struct car, doors_text), AK_CREATE | AK_OMIT_NULL, .until = 4},
    {"built", AK_TIME, offsetof(struct car, built_us), AK_CREATE | AK_UPDATE | AK_NULLABLE},
    {"electric", AK_BOOL, offsetof(struct car, electric), AK_CREATE | AK_UPDATE | AK_LENIENT},
    {"recalled", AK_BOOL, offsetof(struct car, recalled), AK_UPDATE | AK_ADMIN_ONLY},
    {"secret", AK_STR, offsetof(struct car, secret), AK_CREATE | AK_SECRET},
    {"extra", AK_JSON, offsetof(struct car, extra), AK_CREATE, .max = 40},
    {"spare", AK_OBJECT, offsetof(struct car, spare), AK_CREATE | AK_UPDATE | AK_NULLABLE,
     .sub = &wheel_fields},
    {"wheels", AK_LIST, offsetof(struct car, wheels), AK_CREATE, .sub = &wheel_fields, .max = 4},
    {"tags", AK_LIST, offsetof(struct car, tags), AK_CREATE | AK_UPDATE},
    {"metadata", AK_MAP, offsetof(struct car, metadata), AK_CREATE | AK_UPDATE},
};
static const struct ak_fields car_fields = AK_FIELDS_GIVEN("car", struct car, car_rows);

#endif
