/* small_model.h  made by tests/oracle/small_model.py */
#define SMALL_WINDOW "ACGTATGCCNTA"
#define SMALL_LOGITS {-0.10572178172823546, -0.027767286468729488}
