/* keras3.c  entries of the zip, names of groups, inputs of layers */
#include "io/model/keras3.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/zip_entry.h"

enum { MAX_DEPTH = 8, MAX_WITHIN = 16, MAX_CONFIG = 1 << 26 };

static const char config_name[] = "config.json", weights_name[] = "model.weights.h5";

/* --- the zip --- */

bool mg_keras3_is_zip(const unsigned char *bytes, size_t n)
{
    zip_t *zip = NULL;
    if (mg_zip_open(bytes, n, &zip, NULL) != MG_OK) return false;
    bool is = mg_zip_find(zip, config_name) >= 0 && mg_zip_find(zip, weights_name) >= 0;
    zip_discard(zip);
    return is;
}

mg_status mg_keras3_unzip(const unsigned char *bytes, size_t n, char **ret_json, unsigned char **ret_h5, size_t *ret_n,
                          mg_error *err)
{
    zip_t *zip = NULL;
    unsigned char *json = NULL, *h5 = NULL;
    size_t n_json = 0, most = n < MAX_CONFIG ? n : MAX_CONFIG;
    mg_status status = mg_zip_open(bytes, n, &zip, err);
    if (status != MG_OK) return status;
    status = mg_zip_read(zip, mg_zip_find(zip, config_name), most, &json, &n_json, err);
    if (status == MG_OK && memchr(json, '\0', n_json) != NULL)
        status = mg_fail(err, MG_EINPUT, "its %s is no text", config_name);
    if (status == MG_OK) status = mg_zip_read(zip, mg_zip_find(zip, weights_name), n, &h5, ret_n, err);
    zip_discard(zip);
    if (status != MG_OK) {
        free(json);
        return status;
    }
    *ret_json = (char *)json;
    *ret_h5 = h5;
    return MG_OK;
}

/* --- groups --- */

/* tf.keras 2.12 to 2.15 writes .keras files too, with another name for the top. */
const char *mg_keras3_top(const mg_h5_tree *tree)
{
    static const char *const tops[] = {"/layers", "/_layer_checkpoint_dependencies"};
    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
        if (mg_h5_tree_find(tree, tops[i]) != NULL && mg_h5_tree_find(tree, "/model_weights") == NULL) return tops[i];
    return NULL;
}

/* A class in small letters, words apart: (.)([A-Z][a-z]+) -> \1_\2, then ([a-z])([A-Z]) -> \1_\2, as Keras does it. */
static void snake_case(const char *class_name, char text[MG_KERAS3_KEY / 2])
{
    size_t n = 0;
    for (size_t i = 0; class_name[i] != '\0' && n + 2 < MG_KERAS3_KEY / 2; i++) {
        unsigned char c = (unsigned char)class_name[i];
        if (!isalnum(c) && c != '_') continue;
        bool word = isupper(c) && islower((unsigned char)class_name[i + 1]);
        bool rises = isupper(c) && i > 0 && islower((unsigned char)class_name[i - 1]);
        if (i > 0 && (word || rises)) text[n++] = '_';
        text[n++] = (char)tolower(c);
    }
    text[n] = '\0';
}

static const char *class_of(const json_t *layers, size_t i)
{
    return json_string_value(json_object_get(json_array_get(layers, i), "class_name"));
}

void mg_keras3_key(const json_t *layers, size_t i, char key[MG_KERAS3_KEY])
{
    char own[MG_KERAS3_KEY / 2], other[MG_KERAS3_KEY / 2];
    size_t n_before = 0;
    key[0] = '\0';
    if (class_of(layers, i) == NULL) return;
    snake_case(class_of(layers, i), own);
    for (size_t k = 0; k < i; k++) {
        if (class_of(layers, k) == NULL) continue;
        snake_case(class_of(layers, k), other);
        n_before += strcmp(own, other) == 0;
    }
    if (n_before == 0)
        snprintf(key, MG_KERAS3_KEY, "%s", own);
    else
        snprintf(key, MG_KERAS3_KEY, "%s_%zu", own, n_before);
}

bool mg_keras3_group(const char *groups, const json_t *layers, size_t i, const char *below, char path[MG_KERAS3_PATH])
{
    char key[MG_KERAS3_KEY];
    mg_keras3_key(layers, i, key);
    return snprintf(path, MG_KERAS3_PATH, "%s/%s%s", groups, key, below) < MG_KERAS3_PATH;
}

/* --- inputs of layers --- */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* The tensors of an argument, in order: a tensor, a list of them, or nothing that matters. False: something else. */
static bool collect(const json_t *argument, int depth, json_t *references)
{
    const char *class_name = text_of(argument, "class_name");
    if (json_is_null(argument) || json_is_boolean(argument)) return true;
    if (json_is_array(argument) && depth < MAX_DEPTH) {
        for (size_t i = 0; i < json_array_size(argument); i++)
            if (!collect(json_array_get(argument, i), depth + 1, references)) return false;
        return true;
    }
    if (class_name == NULL || strcmp(class_name, "__keras_tensor__") != 0) return false;
    json_t *history = json_object_get(json_object_get(argument, "config"), "keras_history");
    if (json_array_size(history) != 3) return false;
    return json_array_append(references, history) == 0;
}

/* One use of a layer, {"args": [...], "kwargs": {...}}; tensors among the words would be further inputs. */
static json_t *turn_use(const json_t *use)
{
    json_t *references = json_array(), *ignored = json_array(), *value;
    const char *key;
    bool good = references != NULL && ignored != NULL && collect(json_object_get(use, "args"), 0, references) &&
                json_array_size(references) > 0;
    json_object_foreach(json_object_get(use, "kwargs"), key, value)
    {
        good &= collect(value, 0, ignored);
    }
    good &= json_array_size(ignored) == 0;
    json_decref(ignored);
    if (good) return references;
    json_decref(references);
    return NULL;
}

static mg_status turn_layer(json_t *layer, mg_error *err)
{
    const char *name = text_of(layer, "name") != NULL ? text_of(layer, "name")
                                                      : text_of(json_object_get(layer, "config"), "name"),
               *class_name = text_of(layer, "class_name");
    if (name == NULL) name = "?";
    json_t *uses = json_object_get(layer, "inbound_nodes");
    for (size_t i = 0; i < json_array_size(uses); i++) {
        if (json_is_array(json_array_get(uses, i))) continue; /* as Keras 2 writes them */
        json_t *turned = turn_use(json_array_get(uses, i));
        if (turned == NULL)
            return mg_fail(err, MG_EINPUT, "layer %.100s (%.60s): its inputs are written in a way that is not known",
                           name, class_name != NULL ? class_name : "?");
        if (json_array_set_new(uses, i, turned) != 0) return mg_fail(err, MG_EMEM, "out of memory");
    }
    return MG_OK;
}

/* ... and those of networks among them. */
static mg_status turn_layers(json_t *network, int depth, mg_error *err)
{
    json_t *layers = json_object_get(json_object_get(network, "config"), "layers");
    mg_status status = MG_OK;
    if (depth > MAX_WITHIN) return mg_fail(err, MG_EINPUT, "more than %d networks within each other", MAX_WITHIN);
    for (size_t i = 0; i < json_array_size(layers) && status == MG_OK; i++) {
        status = turn_layer(json_array_get(layers, i), err);
        if (status == MG_OK) status = turn_layers(json_array_get(layers, i), depth + 1, err);
    }
    return status;
}

mg_status mg_keras3_turn(json_t *network, mg_error *err)
{
    return turn_layers(network, 0, err);
}
